package fill

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// namesakes are the images that were found to be alone with their display names, and of which nothing is written yet that
// says that they are being filled. One process fills images at a time.
type namesakes struct {
	mu    sync.Mutex
	alone map[string]types.UID
}

// named has an image wait whose display name another one of its namespace has: the later of two that were made in the same
// moment, when the webhook could know of neither. It goes on once it is alone with the name.
func (c *Controller) named(ctx context.Context, image *image) error {
	key := image.Namespace + "/" + image.Spec.DisplayName
	c.namesakes.mu.Lock()
	defer c.namesakes.mu.Unlock()
	if begun(image) {
		if c.namesakes.alone[key] == image.UID {
			delete(c.namesakes.alone, key) // from here on the image says so itself
		}
		return nil
	}
	images := &harvesterv1.VirtualMachineImageList{}
	if err := c.Live.List(ctx, images, client.InNamespace(image.Namespace)); err != nil {
		return fmt.Errorf("look for images of the same name: %w", err)
	}
	first := c.namesakes.alone[key]
	for i := range images.Items {
		other := &images.Items[i]
		if other.Spec.DisplayName != image.Spec.DisplayName || other.UID == image.UID || first == image.UID {
			continue
		}
		if other.UID == first || goesFirst(other, image) {
			return phase.Wait(ReasonDisplayNameTaken, lookAgain,
				"A resource with the same name exists: image %s has displayName %s. This one is not filled; delete one of the two", other.Name, other.Spec.DisplayName)
		}
	}
	if c.namesakes.alone == nil {
		c.namesakes.alone = map[string]types.UID{}
	}
	c.namesakes.alone[key] = image.UID
	return nil
}

// begun says whether anything was done for an image yet.
func begun(image *image) bool {
	imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
	return image.Ready() || imported != nil && imported.Reason != ReasonDisplayNameTaken
}

// goesFirst says whether another image of the same name keeps it: one that is being filled, else the one that was made
// first; of two that were made in one second, one.
func goesFirst(other, than *image) bool {
	if other.DeletionTimestamp != nil {
		return false
	}
	if begun(other) {
		return true
	}
	if made := other.CreationTimestamp; !made.Equal(&than.CreationTimestamp) {
		return made.Before(&than.CreationTimestamp)
	}
	return other.UID < than.UID
}

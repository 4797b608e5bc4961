package fill

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/pkg/phase"
)

// finalizer keeps an image until its backing image and its class are gone. They are in no namespace of the image's, so
// nobody would collect them with it.
const finalizer = "harvesterhci.io/backing-image"

// protect makes sure that the end of an image with a backing image will be noticed. It says whether that was new.
func (c *Controller) protect(ctx context.Context, image *image) (bool, error) {
	before := image.DeepCopy()
	if !image.IsBacked() || !controllerutil.AddFinalizer(image, finalizer) {
		return false, nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, image, patch)); err != nil {
		return false, fmt.Errorf("add finalizer: %w", err)
	}
	return true, nil
}

// end takes away what is the image's and goes with nobody else.
func (c *Controller) end(ctx context.Context, of *image) error {
	if !controllerutil.ContainsFinalizer(of, finalizer) {
		return nil
	}
	return phase.Run(ctx, of,
		c.close,
		c.drop,
		c.let,
	)
}

// close removes the image's own class. Volumes that were made by it keep their bytes.
func (c *Controller) close(ctx context.Context, image *image) error {
	class, err := c.class(ctx, image.OwnClass())
	if err != nil || class == nil || class.Parameters[longhorn.ParameterBackingImage] != image.BackingImage() {
		return err
	}
	if err := client.IgnoreNotFound(c.Client.Delete(ctx, class, client.Preconditions{UID: &class.UID})); err != nil {
		return fmt.Errorf("remove storage class %s: %w", class.Name, err)
	}
	return nil
}

// drop removes the backing image. Longhorn keeps it as long as a volume starts from it, and says so.
func (c *Controller) drop(ctx context.Context, image *image) error {
	found, err := c.backingOf(ctx, image)
	if err != nil || found == nil {
		return err
	}
	if found.DeletionTimestamp == nil {
		err = c.Client.Delete(ctx, found, client.Preconditions{UID: &found.UID})
	}
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err) {
		c.warn(image, ReasonVolumeRefused, "the backing image cannot be removed yet: %s", err)
		return phase.Wait(ReasonVolumeRefused, lookAgain, "the backing image cannot be removed yet: %s", err)
	}
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("remove backing image: %w", err)
	}
	return phase.Wait(ReasonImporting, lookOften, "the backing image is being removed")
}

// let lets the image go.
func (c *Controller) let(ctx context.Context, image *image) error {
	before := image.DeepCopy()
	if !controllerutil.RemoveFinalizer(image, finalizer) {
		return nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, image, patch)); err != nil {
		return fmt.Errorf("remove finalizer: %w", err)
	}
	return nil
}

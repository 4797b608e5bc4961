package fill

import (
	"cmp"
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/pkg/phase"
)

// lookOften is how often is looked at a backing image on its way. Its kind is not watched: a site without Longhorn does not
// know it, and learns it without asking us when it gets one.
const lookOften = 2 * time.Second

// backingOf is the backing image of an image as it is now, nil when there is none.
func (c *Controller) backingOf(ctx context.Context, image *image) (*longhorn.BackingImage, error) {
	found := &longhorn.BackingImage{}
	err := c.Live.Get(ctx, types.NamespacedName{Namespace: longhorn.Namespace, Name: image.BackingImage()}, found)
	switch {
	case apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get backing image: %w", err)
	}
	return found, nil
}

// keepBacked ends the run for an image whose bytes are there, and whose class is. Bytes that somebody took away are fetched
// again, or sent again by who sent them.
func (c *Controller) keepBacked(ctx context.Context, image *image) error {
	if !image.Ready() {
		return nil
	}
	found, err := c.backingOf(ctx, image)
	if err != nil {
		return err
	}
	if found != nil && found.DeletionTimestamp == nil {
		c.missing(image, "")
		if err := c.open(ctx, image); err != nil {
			return err
		}
		return errFinished
	}
	why := fmt.Sprintf("Longhorn's backing image %s is gone", image.BackingImage())
	c.missing(image, why)
	c.warn(image, ReasonVolumeLost, "%s", why)
	image.Status.Progress = 0
	return nil
}

// clearBacked removes what a failed attempt has left. As with a volume, the failure is counted before.
func (c *Controller) clearBacked(ctx context.Context, image *image) error {
	found, err := c.backingOf(ctx, image)
	if err != nil || found == nil {
		return err
	}
	if found.DeletionTimestamp != nil {
		return leaving(image)
	}
	failed := longhorn.StateOf(found).Failed
	why := useless(image, found, failed)
	if why == nil {
		return nil
	}
	if err := c.unlessUsed(ctx, image, found, failed); err != nil {
		return err
	}
	if err := client.IgnoreNotFound(c.Client.Delete(ctx, found, client.Preconditions{UID: &found.UID})); err != nil {
		return fmt.Errorf("remove failed backing image: %w", err)
	}
	return why
}

// leaving waits for what is left of the last attempt to go. Why that failed is still what people are told: nobody else knows
// it any more.
func leaving(image *image) error {
	if imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported); imported != nil && imported.Status == metav1.ConditionFalse {
		return phase.Wait(imported.Reason, lookOften, "%s", imported.Message)
	}
	return phase.Wait(ReasonImporting, lookOften, "what is left of the last attempt is being removed")
}

// fillBacked has Longhorn make the backing image.
func (c *Controller) fillBacked(ctx context.Context, image *image) error {
	found, err := c.backingOf(ctx, image)
	if err != nil || found != nil {
		return err
	}
	if attempt, ok := upload.Of(image); ok && image.Spec.SourceType == harvesterv1.ImageSourceUpload && attempt.State == upload.Sent {
		return phase.Stall(ReasonUploadAwaited, "the bytes that were uploaded are gone; upload them again")
	}
	from, err := c.backingSource(ctx, image)
	if err != nil {
		return err
	}
	parameters, err := c.parametersOf(ctx, image)
	if err != nil {
		return err
	}
	order := longhorn.Order{
		Name: image.BackingImage(), Source: from, Checksum: image.Spec.Checksum, Parameters: parameters, Annotations: attemptOf(image),
	}
	err = c.Client.Create(ctx, order.Image())
	switch {
	case meta.IsNoMatchError(err):
		return phase.Wait(ReasonBackendUnknown, lookAgain, "Longhorn is not installed here: the site has no %s", longhorn.BackingImages.Resource)
	case apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err):
		return phase.Wait(ReasonVolumeRefused, lookAgain, "the backing image is refused: %s", err)
	case err != nil && !apierrors.IsAlreadyExists(err):
		return fmt.Errorf("create backing image: %w", err)
	}
	c.tell(image, ReasonImporting, "fetching %s into backing image %s", origin(image), order.Name)
	return phase.Wait(ReasonImporting, lookOften, "the backing image is being made")
}

// followBacked reads how far Longhorn has come.
func (c *Controller) followBacked(ctx context.Context, image *image) error {
	found, err := c.backingOf(ctx, image)
	if err != nil {
		return err
	}
	if found == nil {
		return phase.Wait(ReasonImporting, lookOften, "the backing image is being made")
	}
	state := longhorn.StateOf(found)
	switch {
	case state.Failed && state.Final:
		return c.failed(image, ReasonChecksumMismatch, state.Message)
	case state.Failed:
		return c.failed(image, failureBy(image.Spec.SourceType), state.Message)
	case state.Done && found.Status.Size > 0:
		image.Status.Size, image.Status.VirtualSize = found.Status.Size, cmp.Or(found.Status.VirtualSize, found.Status.Size)
		image.Status.Progress = state.Progress
		c.missing(image, "")
		c.tell(image, ReasonImported, "all bytes are there")
		return nil
	case image.Spec.SourceType == harvesterv1.ImageSourceUpload:
		return uploading(image, state)
	case image.Spec.SourceType == harvesterv1.ImageSourceClone && !state.Begun:
		return phase.Wait(ReasonImporting, lookOften, "Longhorn has not begun yet: it copies when it can read secret %s, which has the key", longhorn.KeyOf(found))
	}
	const most = 99 // the last bytes are there only when Longhorn has checked them all
	image.Status.Progress = min(state.Progress, most)
	return phase.Wait(ReasonImporting, lookOften, "Longhorn is bringing the bytes")
}

// uploading says whether the bytes of an upload may be sent, naming it: what was said of another one says nothing of this.
func uploading(image *image, state longhorn.State) error {
	attempt, _ := upload.Of(image)
	if state.Waits && attempt.State == upload.Sending {
		return phase.Wait(ReasonUploadReady, lookOften, "the bytes of upload %s can be sent", attempt.ID)
	}
	return phase.Wait(ReasonUploading, lookOften, "the bytes are being sent")
}

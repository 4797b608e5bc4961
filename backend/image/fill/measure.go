package fill

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"

	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// attend waits for somebody to upload the bytes, and counts the uploads that failed.
func (c *Controller) attend(_ context.Context, image *image) error {
	if image.Spec.SourceType != harvesterv1.ImageSourceUpload {
		return nil
	}
	attempt, ok := upload.Of(image)
	if !ok {
		return phase.Stall(ReasonUploadAwaited, "the image waits for its bytes to be uploaded")
	}
	if attempt.Counted(image) {
		return phase.Stall(ReasonUploadFailed, "%s", lastMessage(image))
	}
	if trouble := attempt.Trouble(c.Now()); trouble != "" {
		return c.failed(image, ReasonUploadFailed, trouble)
	}
	image.Status.Progress = attempt.Progress()
	return nil
}

// measure finds out how large the file and the disk inside are.
func (c *Controller) measure(ctx context.Context, image *image) error {
	switch image.Spec.SourceType {
	case harvesterv1.ImageSourceUpload:
		return c.measureUpload(image)
	case harvesterv1.ImageSourceVolume:
		return c.measureVolume(ctx, image)
	case harvesterv1.ImageSourceClone:
		return c.measureImage(ctx, image)
	default:
		return c.measureURL(ctx, image)
	}
}

// measureURL asks the source.
func (c *Controller) measureURL(ctx context.Context, image *image) error {
	if image.Status.VirtualSize > 0 && image.Status.AppliedURL == image.Spec.URL {
		return nil
	}
	file, err := c.Probe(ctx, image.Spec.URL)
	if err != nil {
		return c.failed(image, ReasonDownloadFailed, err.Error())
	}
	image.Status.AppliedURL = image.Spec.URL
	c.size(image, file.Size, file.VirtualSize)
	return nil
}

// measureUpload takes what the server has read from the first bytes.
func (c *Controller) measureUpload(image *image) error {
	attempt, _ := upload.Of(image)
	if image.Status.VirtualSize == 0 || image.Status.Size != attempt.Size || attempt.VirtualSize > 0 {
		c.size(image, attempt.Size, attempt.VirtualSize)
	}
	return nil
}

// size keeps the sizes. A disk that does not tell its own gets what a site has decided.
func (c *Controller) size(image *image, file, virtual int64) {
	image.Status.Size, image.Status.VirtualSize = file, virtual
	if virtual > 0 {
		return
	}
	image.Status.VirtualSize = max(c.FallbackSize.Value(), file)
	c.warn(image, ReasonSizeUnknown, "the file does not tell the size of the disk inside; %s is taken",
		resource.NewQuantity(image.Status.VirtualSize, resource.BinarySI))
}

// measureVolume looks at the claim that the image is to be a copy of.
func (c *Controller) measureVolume(ctx context.Context, image *image) error {
	claim := &corev1.PersistentVolumeClaim{}
	err := c.Client.Get(ctx, copied(image), claim)
	switch {
	case apierrors.IsNotFound(err) && image.Status.VirtualSize > 0:
		return nil // it was there when the copy began; what is missing now, CDI says
	case apierrors.IsNotFound(err):
		return phase.Wait(ReasonSourceNotReady, lookSoon, "volume %s does not exist", copied(image))
	case err != nil:
		return fmt.Errorf("get the volume to copy: %w", err)
	case claim.Status.Phase != corev1.ClaimBound:
		return phase.Wait(ReasonSourceNotReady, lookSoon, "volume %s is %s, and not Bound", copied(image), claim.Status.Phase)
	}
	size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	if given, ok := claim.Status.Capacity[corev1.ResourceStorage]; ok && given.Cmp(size) > 0 {
		size = given
	}
	image.Status.Size, image.Status.VirtualSize = size.Value(), size.Value()
	return nil
}

// measureImage looks at the image that this one is to be a copy of.
func (c *Controller) measureImage(ctx context.Context, image *image) error {
	from := &harvesterv1.VirtualMachineImage{}
	err := c.Client.Get(ctx, copied(image), from)
	switch {
	case apierrors.IsNotFound(err) && image.Status.VirtualSize > 0:
		return nil
	case apierrors.IsNotFound(err):
		return phase.Wait(ReasonSourceNotReady, lookSoon, "image %s does not exist", copied(image))
	case err != nil:
		return fmt.Errorf("get the image to copy: %w", err)
	case !from.Ready():
		return phase.Wait(ReasonSourceNotReady, lookSoon, "image %s is not ready", copied(image))
	}
	image.Status.Size, image.Status.VirtualSize = from.Status.Size, from.Status.VirtualSize
	return nil
}

// lookSoon is how soon to look at something that is likely to be ready soon.
const lookSoon = 5 * time.Second

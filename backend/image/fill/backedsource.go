package fill

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/backend/image/source"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/pkg/phase"
)

// measureBacked finds out what can be known of the sizes before Longhorn says them.
func (c *Controller) measureBacked(ctx context.Context, image *image) error {
	switch image.Spec.SourceType {
	case harvesterv1.ImageSourceVolume:
		return c.measureVolume(ctx, image)
	case harvesterv1.ImageSourceClone:
		return c.measureImage(ctx, image)
	case harvesterv1.ImageSourceUpload:
		attempt, _ := upload.Of(image)
		image.Status.Size, image.Status.VirtualSize = attempt.Size, attempt.VirtualSize
		return nil
	}
	if image.Status.AppliedURL == image.Spec.URL {
		return nil
	}
	file, err := c.Probe(ctx, image.Spec.URL)
	if err != nil {
		return c.failed(image, ReasonDownloadFailed, err.Error())
	}
	if !source.Backable(file.Format) {
		return phase.Stall(ReasonFormatUnknown, "a backing image is a qcow2, raw or ISO file, and this one is %s; use backend cdi", file.Format)
	}
	image.Status.AppliedURL, image.Status.Size, image.Status.VirtualSize = image.Spec.URL, file.Size, file.VirtualSize
	return nil
}

// backingSource is where Longhorn takes the bytes from, or what is in the way.
func (c *Controller) backingSource(ctx context.Context, image *image) (longhorn.Source, error) {
	switch image.Spec.SourceType {
	case harvesterv1.ImageSourceUpload:
		return longhorn.FromUpload(), nil
	case harvesterv1.ImageSourceVolume:
		return c.backingVolume(ctx, image)
	case harvesterv1.ImageSourceClone:
		return c.backingClone(ctx, image)
	default:
		return longhorn.FromURL(c.detour(ctx, image)), nil
	}
}

// backingVolume is the volume of Longhorn's behind the claim to copy.
func (c *Controller) backingVolume(ctx context.Context, image *image) (longhorn.Source, error) {
	claim, volume := &corev1.PersistentVolumeClaim{}, &corev1.PersistentVolume{}
	err := c.Live.Get(ctx, copied(image), claim)
	if err == nil {
		err = c.Live.Get(ctx, types.NamespacedName{Name: claim.Spec.VolumeName}, volume)
	}
	if apierrors.IsNotFound(err) {
		return longhorn.Source{}, phase.Wait(ReasonSourceNotReady, lookSoon, "volume %s does not exist", copied(image))
	}
	if err != nil {
		return longhorn.Source{}, fmt.Errorf("get the volume to copy: %w", err)
	}
	if csi := volume.Spec.CSI; csi == nil || csi.Driver != longhorn.Driver {
		return longhorn.Source{}, phase.Stall(ReasonBackendUnknown,
			"volume %s is none of Longhorn's, and so no backing image can be made of it; use backend cdi", copied(image))
	}
	return longhorn.FromVolume(volume.Spec.CSI.VolumeHandle), nil
}

// backingClone is the backing image to encrypt or decrypt, and the key to do it with: the new image's, or the old one's.
func (c *Controller) backingClone(ctx context.Context, image *image) (longhorn.Source, error) {
	from := &harvesterv1.VirtualMachineImage{}
	if err := c.Live.Get(ctx, copied(image), from); err != nil {
		return longhorn.Source{}, fmt.Errorf("get the image to copy: %w", err)
	}
	if !from.IsBacked() {
		return longhorn.Source{}, phase.Stall(ReasonBackendUnknown,
			"image %s is kept by backend cdi, and so no backing image can be made of it; use backend cdi", copied(image))
	}
	operation, keyed := image.Spec.SecurityParameters.CryptoOperation, image
	if operation == "decrypt" {
		keyed = from
	}
	parameters, err := c.parametersOf(ctx, keyed)
	if err != nil {
		return longhorn.Source{}, err
	}
	return longhorn.FromImage(from.BackingImage(), string(operation), longhorn.SecretOf(parameters)), nil
}

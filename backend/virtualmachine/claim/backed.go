package claim

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// startAs makes a claim of an image's own class: Longhorn starts its volume from the backing image.
func (c *Controller) startAs(
	ctx context.Context, s *subject, wanted *corev1.PersistentVolumeClaim, image *harvesterv1.VirtualMachineImage,
) error {
	if err := ofClass(wanted, image); err != nil {
		return err
	}
	if err := c.Client.Create(ctx, wanted); err != nil {
		return refused(err, "make claim "+wanted.Name)
	}
	c.event(s.VirtualMachine, wanted, corev1.EventTypeNormal, ReasonClaimMade,
		fmt.Sprintf("made volume %s from image %s/%s", wanted.Name, image.Namespace, image.Name))
	return nil
}

// ofClass gives a claim the class that is the image's own, and modes with which a machine can move where nobody asks for
// others. By another class, its volume would be empty.
func ofClass(wanted *corev1.PersistentVolumeClaim, image *harvesterv1.VirtualMachineImage) error {
	class, own := ptr.Deref(wanted.Spec.StorageClassName, ""), image.Status.StorageClassName
	if class != "" && class != own && !image.NamesClass(class) {
		return blocked("storage class %q of volume %s is not that of image %s/%s, which is %q", class, wanted.Name, image.Namespace, image.Name, own)
	}
	wanted.Spec.StorageClassName = &own
	if len(wanted.Spec.AccessModes) == 0 {
		wanted.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
		wanted.Spec.VolumeMode = ptr.To(corev1.PersistentVolumeBlock)
	}
	return nil
}

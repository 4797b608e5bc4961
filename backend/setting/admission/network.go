package admission

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// storageIdle refuses another network for the storage while something writes to it: Longhorn leaves the old one at once.
// Backups would be in the way as well; this release makes none.
func (s site) storageIdle(ctx context.Context, r request) error {
	if r.Object.Name != harvesterv1.SettingStorageNetwork || r.Old == nil && r.Object.Value == "" {
		return nil
	}
	if r.Old != nil && r.Old.Effective() == r.Object.Effective() {
		return nil
	}
	machines := &kubevirt.VirtualMachineInstanceList{}
	if err := s.direct.List(ctx, machines); err != nil {
		return fmt.Errorf("look for machines that run: %w", err)
	}
	images := &harvesterv1.VirtualMachineImageList{}
	if err := s.direct.List(ctx, images); err != nil {
		return fmt.Errorf("look for images that are being filled: %w", err)
	}
	if busy := busy(machines.Items, images.Items); busy != "" {
		return apierrors.NewInvalid(harvesterv1.SettingKind.GroupKind(), r.Object.Name, field.ErrorList{
			field.Forbidden(field.NewPath("value"), busy),
		})
	}
	return nil
}

// busy names what writes to the storage, "" when nothing does.
func busy(machines []kubevirt.VirtualMachineInstance, images []harvesterv1.VirtualMachineImage) string {
	for i := range machines {
		if !machines[i].IsFinal() {
			return fmt.Sprintf("machine %s/%s runs; stop all machines before the network of the storage is changed", machines[i].Namespace, machines[i].Name)
		}
	}
	for i := range images {
		if filling(&images[i]) {
			return fmt.Sprintf("image %s/%s is being filled; wait until it is there before the network of the storage is changed",
				images[i].Namespace, images[i].Name)
		}
	}
	return ""
}

// filling says whether the bytes of an image are on their way. One that waits for somebody to send them is not.
func filling(image *harvesterv1.VirtualMachineImage) bool {
	imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
	return harvesterv1.ConditionIsTrue(image.Status.Conditions, harvesterv1.ImageInitialized) &&
		(imported == nil || imported.Status == metav1.ConditionUnknown)
}

package admission

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// unused keeps an image that volumes were cut from, or are to be cut from, and names the first of them.
func (s site) unused(ctx context.Context, r request) error {
	id := r.Old.Namespace + "/" + r.Old.Name
	claims := &corev1.PersistentVolumeClaimList{}
	if err := s.reader.List(ctx, claims); err != nil {
		return fmt.Errorf("list volumes: %w", err)
	}
	for i := range claims.Items {
		if cutFrom(&claims.Items[i], id) && claims.Items[i].DeletionTimestamp == nil {
			return conflict(r, "image %s is used by volume %s/%s", id, claims.Items[i].Namespace, claims.Items[i].Name)
		}
	}
	machines := &kubevirt.VirtualMachineList{}
	if err := s.reader.List(ctx, machines); err != nil {
		return fmt.Errorf("list machines: %w", err)
	}
	for i := range machines.Items {
		if wants(&machines.Items[i], id) && machines.Items[i].DeletionTimestamp == nil {
			return conflict(r, "image %s is used by virtual machine %s/%s", id, machines.Items[i].Namespace, machines.Items[i].Name)
		}
	}
	return nil
}

// cutFrom says whether a claim is a copy of the image, and not the image's own.
func cutFrom(claim *corev1.PersistentVolumeClaim, id string) bool {
	return claim.Annotations[harvesterv1.AnnotationImageID] == id && claim.Annotations[harvesterv1.AnnotationGoldenImage] != "true"
}

// wants says whether a machine has a claim template of the image.
func wants(vm *kubevirt.VirtualMachine, id string) bool {
	var templates []corev1.PersistentVolumeClaim
	if json.Unmarshal([]byte(vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]), &templates) != nil {
		return false // no claim will be made of what cannot be read
	}
	for i := range templates {
		if cutFrom(&templates[i], id) {
			return true
		}
	}
	return false
}

package driver

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// eraseLeft removes the disks of a machine that somebody else has removed without them. One that a machine has by now stays,
// also when that has the name of the one that is gone.
func (h *handle) eraseLeft(ctx context.Context, claims []string) error {
	gone := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: h.key.Namespace, Name: h.key.Name}}
	for _, name := range claims {
		claim := &corev1.PersistentVolumeClaim{}
		err := h.client.Get(ctx, types.NamespacedName{Namespace: h.key.Namespace, Name: name}, claim)
		if isUnclaimed(err, name) || err == nil && claim.Annotations[harvesterv1.AnnotationOwnedBy] != "" {
			continue
		}
		if err != nil {
			return h.site.explain(err)
		}
		if err := h.client.Delete(ctx, claim, client.Preconditions{UID: &claim.UID}); err != nil && !isUnclaimed(err, name) {
			return h.site.explain(err)
		}
		if err := h.awaitClaim(ctx, gone, name); err != nil {
			return err
		}
	}
	return nil
}

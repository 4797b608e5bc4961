package claim

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Size is what another claim needs to take the bytes of a claim: what it asks for, or what it got when that is more.
func Size(claim *corev1.PersistentVolumeClaim) resource.Quantity {
	asked, got := claim.Spec.Resources.Requests[corev1.ResourceStorage], claim.Status.Capacity[corev1.ResourceStorage]
	if got.Cmp(asked) > 0 {
		return got
	}
	return asked
}

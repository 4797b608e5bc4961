package quota

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// Use is how many bytes the snapshots of a namespace take.
type Use struct {
	// Namespace is what all of them take.
	Namespace int64
	// Machines is what those of a machine's volumes take, by its name.
	Machines map[string]int64
}

// UseOf adds up the snapshots of a namespace, whose claims are given by their names.
func UseOf(snapshots []csi.VolumeSnapshot, claims map[string]*corev1.PersistentVolumeClaim) Use {
	use := Use{Machines: map[string]int64{}}
	for i := range snapshots {
		claim := claims[ClaimOf(&snapshots[i])]
		size := SizeOf(&snapshots[i], claim)
		use.Namespace += size
		for _, machine := range MachinesOf(claim) {
			use.Machines[machine] += size
		}
	}
	return use
}

// ClaimOf is the name of the claim that a snapshot is of, "" when it is of a content that was there before.
func ClaimOf(snapshot *csi.VolumeSnapshot) string {
	return ptr.Deref(snapshot.Spec.Source.PersistentVolumeClaimName, "")
}

// SizeOf is how many bytes a snapshot counts for: what a volume that is made of it needs at least, and the size of its
// claim until its driver says so. How much of that differs from the volume, Kubernetes' API does not tell. claim is nil
// when it is gone.
func SizeOf(snapshot *csi.VolumeSnapshot, claim *corev1.PersistentVolumeClaim) int64 {
	if snapshot.Status != nil && snapshot.Status.RestoreSize != nil && snapshot.Status.RestoreSize.Sign() > 0 {
		return snapshot.Status.RestoreSize.Value()
	}
	if claim == nil {
		return 0
	}
	if present := csi.Present(claim); present.Sign() > 0 {
		return present.Value()
	}
	requested := csi.Requested(claim)
	return requested.Value()
}

// MachinesOf are the machines of a claim's own namespace that use it; none for nil.
func MachinesOf(claim *corev1.PersistentVolumeClaim) []string {
	if claim == nil {
		return nil
	}
	var machines []string
	for _, ref := range harvesterv1.OwnersOf(claim.Annotations[harvesterv1.AnnotationOwnedBy]) {
		if namespace, name, found := strings.Cut(ref, "/"); found && namespace == claim.Namespace {
			machines = append(machines, name)
		}
	}
	return machines
}

// Claims are the claims of a namespace by their names.
func Claims(ctx context.Context, from client.Reader, namespace string) (map[string]*corev1.PersistentVolumeClaim, error) {
	list := &corev1.PersistentVolumeClaimList{}
	if err := from.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("list the volumes of namespace %s: %w", namespace, err)
	}
	claims := make(map[string]*corev1.PersistentVolumeClaim, len(list.Items))
	for i := range list.Items {
		claims[list.Items[i].Name] = &list.Items[i]
	}
	return claims, nil
}

package fill

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

// TestLeaves shows of which claims a data volume is left behind that must go: who may make claims must not be able to have
// somebody else's data volume removed.
func TestLeaves(t *testing.T) {
	yes := true
	filled := func(change func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
		claim := &corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "default", Name: "disk-0",
				Annotations: map[string]string{"cdi.kubevirt.io/storage.deleteAfterCompletion": "false"},
				OwnerReferences: []metav1.OwnerReference{{
					APIVersion: cdi.GroupVersion.String(), Kind: "DataVolume", Name: "disk-0", UID: "of-disk-0", Controller: &yes,
				}},
			},
			Status: corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound},
		}
		change(claim)
		return claim
	}
	for _, c := range []struct {
		name   string
		change func(*corev1.PersistentVolumeClaim)
		leaves bool
	}{
		{"filled from an image", func(*corev1.PersistentVolumeClaim) {}, true},
		{"of nobody", func(p *corev1.PersistentVolumeClaim) { p.OwnerReferences = nil }, false},
		{"of a data volume that does not control it", func(p *corev1.PersistentVolumeClaim) { p.OwnerReferences[0].Controller = nil }, false},
		{"of another kind", func(p *corev1.PersistentVolumeClaim) { p.OwnerReferences[0].Kind = "VirtualMachine" }, false},
		{"that calls another's data volume its owner", func(p *corev1.PersistentVolumeClaim) { p.OwnerReferences[0].Name = "disk-1" }, false},
		{"not bound yet", func(p *corev1.PersistentVolumeClaim) { p.Status.Phase = corev1.ClaimPending }, false},
		{"lost", func(p *corev1.PersistentVolumeClaim) { p.Status.Phase = corev1.ClaimLost }, false},
		{"of a data volume that somebody else made", func(p *corev1.PersistentVolumeClaim) { p.Annotations = nil }, false},
		{"of an image", func(p *corev1.PersistentVolumeClaim) { p.Annotations[harvesterv1.AnnotationGoldenImage] = "true" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			of, leaves := leaves(filled(c.change))
			want := remains{}
			if c.leaves {
				want = remains{types.NamespacedName{Namespace: "default", Name: "disk-0"}, "of-disk-0"}
			}
			if leaves != c.leaves || of != want {
				t.Errorf("leaves %v, %v; want %v, %v", of, leaves, want, c.leaves)
			}
		})
	}
}

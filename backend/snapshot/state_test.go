package snapshot

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

func TestState(t *testing.T) {
	now := metav1.Now()
	cases := map[string]struct {
		reason   string
		status   *csi.VolumeSnapshotStatus
		deleting bool
		want     capability.State
		unless   string
	}{
		"New":     {reason: "the storage has not looked yet", want: capability.State{Name: "Creating", Transitioning: true, Message: "It is being taken of data."}, unless: "The snapshot is not ready yet."},
		"Taking":  {reason: "it takes its time", status: &csi.VolumeSnapshotStatus{ReadyToUse: ptr.To(false)}, want: capability.State{Name: "Creating", Transitioning: true, Message: "It is being taken of data."}, unless: "The snapshot is not ready yet."},
		"Ready":   {reason: "an error from before is forgotten", status: &csi.VolumeSnapshotStatus{ReadyToUse: ptr.To(true), Error: &csi.VolumeSnapshotError{}}, want: capability.State{Name: "Ready"}},
		"Failed":  {reason: "the storage's words are told", status: &csi.VolumeSnapshotStatus{Error: &csi.VolumeSnapshotError{Message: ptr.To("no space")}}, want: capability.State{Name: "Failed", Error: true, Message: "no space"}, unless: "The snapshot could not be taken: no space"},
		"Deleted": {reason: "it is going", status: &csi.VolumeSnapshotStatus{ReadyToUse: ptr.To(true)}, deleting: true, want: capability.State{Name: "Removing", Transitioning: true}, unless: "The snapshot is being deleted."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			snapshot := csi.Take("default", "data", "monday", "", nil)
			snapshot.Status = tc.status
			if tc.deleting {
				snapshot.DeletionTimestamp = &now
			}
			if diff := cmp.Diff(tc.want, State(snapshot)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.unless, unlessReady(snapshot)); diff != "" {
				t.Errorf("%s: restore: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSaidShape(t *testing.T) {
	said := map[string]string{
		harvesterv1.AnnotationStorageClassName: "fast", harvesterv1.AnnotationVolumeMode: "Block",
		harvesterv1.AnnotationAccessModes: "ReadWriteMany,ReadWriteOnce", harvesterv1.AnnotationImageID: "default/debian",
	}
	want := csi.Shape{
		Class: "fast", VolumeMode: corev1.PersistentVolumeBlock,
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany, corev1.ReadWriteOnce},
		Annotations: map[string]string{harvesterv1.AnnotationImageID: "default/debian"},
	}
	got, found := saidShape(csi.Take("default", "data", "monday", "", said))
	if diff := cmp.Diff(want, got); diff != "" || !found {
		t.Errorf("what a snapshot says of its volume comes back: -want +got:\n%s", diff)
	}
	if _, found := saidShape(csi.Take("default", "data", "monday", "", nil)); found {
		t.Error("one that says nothing leaves it to the volume")
	}
}

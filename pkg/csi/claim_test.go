package csi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/csi"
)

// claim is one that asks for something and has something.
func claim(asks, has string) *corev1.PersistentVolumeClaim {
	c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "data", Annotations: map[string]string{"image": "debian", "secret": "yes"},
	}}
	c.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
	c.Spec.VolumeMode = ptr.To(corev1.PersistentVolumeBlock)
	c.Spec.StorageClassName = ptr.To("fast")
	c.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(asks)}
	c.Status.Phase = corev1.ClaimBound
	c.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(has)}
	return c
}

func TestCopies(t *testing.T) {
	snapshot := csi.Take("default", "data", "monday", "", nil)
	snapshot.Status = &csi.VolumeSnapshotStatus{RestoreSize: ptr.To(resource.MustParse("3Gi"))}
	cases := map[string]struct {
		reason string
		made   *corev1.PersistentVolumeClaim
		size   string
		source corev1.TypedObjectReference
		notes  map[string]string
	}{
		"Clone":   {"a copy is as large as the volume really is, and keeps what is asked", csi.Clone(claim("1Gi", "2Gi"), "copy", "image"), "2Gi", corev1.TypedObjectReference{Kind: "PersistentVolumeClaim", Name: "data"}, map[string]string{"image": "debian"}},
		"Growing": {"an enlargement under way is the copy's as well", csi.Clone(claim("4Gi", "2Gi"), "copy"), "4Gi", corev1.TypedObjectReference{Kind: "PersistentVolumeClaim", Name: "data"}, nil},
		"Restore": {"what comes back has room for all of it", csi.Restore(snapshot, "copy", csi.ShapeOf(claim("1Gi", "1Gi"))), "3Gi", corev1.TypedObjectReference{APIGroup: ptr.To("snapshot.storage.k8s.io"), Kind: "VolumeSnapshot", Name: "monday"}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := claim(tc.size, tc.size)
			want.Name, want.Annotations = "copy", tc.notes
			want.Status = corev1.PersistentVolumeClaimStatus{}
			want.Spec.DataSourceRef = &tc.source
			if diff := cmp.Diff(want, tc.made); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRetreat(t *testing.T) {
	cases := map[string]struct {
		reason, asks, has, want string
		can                     bool
	}{
		"Far":   {"it goes back to the least above what it has", "10Gi", "1Gi", "1025Mi", true},
		"There": {"it is there already", "1025Mi", "1Gi", "1025Mi", false},
		"Same":  {"it does not ask for more", "1Gi", "1Gi", "1025Mi", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, can := csi.Retreat(claim(tc.asks, tc.has))
			if got.Cmp(resource.MustParse(tc.want)) != 0 || can != tc.can {
				t.Errorf("%s: want %s, %t; got %s, %t", tc.reason, tc.want, tc.can, got.String(), can)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	drivers, err := csi.ParseDrivers(`{"a":{"volumeSnapshotClassName":"b","backupVolumeSnapshotClassName":"c"}}`)
	if diff := cmp.Diff(map[string]csi.Snapshots{"a": {VolumeSnapshotClassName: "b", BackupVolumeSnapshotClassName: "c"}}, drivers); diff != "" || err != nil {
		t.Errorf("-want +got:\n%s%v", diff, err)
	}
	growing, err := csi.ParseGrowing(`{"a":true,"b":false}`)
	if diff := cmp.Diff(map[string]bool{"a": true, "b": false}, growing); diff != "" || err != nil {
		t.Errorf("-want +got:\n%s%v", diff, err)
	}
	for _, wrong := range []string{`[]`, `{"a":"yes"}`} {
		if _, err := csi.ParseGrowing(wrong); err == nil {
			t.Errorf("%s is no setting", wrong)
		}
	}
}

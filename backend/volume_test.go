package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
)

const (
	volumes   = "/v1/harvester/persistentvolumeclaims/default/"
	snapshots = "/v1/harvester/snapshot.storage.k8s.io.volumesnapshots/default/"
	csiDriver = "csi.example.org"
)

// boundVolume is a volume as its driver would have made it.
func boundVolume(t *testing.T, name string, changes ...func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
	t.Helper()
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: home, Name: name, Annotations: map[string]string{"volume.kubernetes.io/storage-provisioner": csiDriver},
		},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, VolumeMode: ptr.To(corev1.PersistentVolumeBlock),
			StorageClassName: ptr.To("quick"), VolumeName: "pv-" + name,
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	for _, change := range changes {
		change(claim)
	}
	if err := site.admin.Create(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, claim) })
	claim.Status.Phase = corev1.ClaimBound
	claim.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	if err := site.admin.Status().Update(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	return claim
}

// TestVolumeActions does to a volume, over HTTP, everything that can be done to one.
func TestVolumeActions(t *testing.T) {
	for _, name := range []string{"quick", "large"} {
		create(t, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: csiDriver, AllowVolumeExpansion: ptr.To(true)})
	}
	create(t, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "foreign"}, Provisioner: "csi.other.org"})
	create(t, &csi.VolumeSnapshotClass{ObjectMeta: metav1.ObjectMeta{Name: "kept"}, Driver: csiDriver, DeletionPolicy: "Delete"})
	claim := boundVolume(t, "data")
	at := volumes + "data"
	eventually(t, "the backend knows the volume and how it is snapshot", func() bool {
		known := ask(t, admin, http.MethodGet, at, "").body
		return known.Metadata.State.Name == "ready" && known.Actions["snapshot"] != "" && known.Actions["dataMigration"] != ""
	})
	cases := []struct {
		name, reason, path, action, input string
		status                            int
		field, says                       string
	}{
		{"Clone", "a copy beside it", at, "clone", `{"name":"data-copy"}`, 204, "", ""},
		{"CloneAgain", "a name is given once", at, "clone", `{"name":"data-copy"}`, 409, "", "data-copy"},
		{"Nameless", "a copy has a name", at, "clone", `{}`, 422, "name", "name is needed"},
		{"Misnamed", "that Kubernetes takes", at, "clone", `{"name":"Data Copy"}`, 422, "name", "no name for an object"},
		{"Snapshot", "its bytes are kept", at, "snapshot", `{"name":"data-monday"}`, 204, "", ""},
		{"Export", "an image of it", at, "export", `{"displayName":"golden","namespace":"default","storageClassName":"large"}`, 204, "", ""},
		{"Unnamed", "people call an image something", at, "export", `{}`, 422, "displayName", "displayName is needed"},
		{"ExportTo", "a class that is not there", at, "export", `{"displayName":"a","storageClassName":"none"}`, 422, "storageClassName", "Storage class none does not exist"},
		{"Move", "a copy on another class", at, "dataMigration", `{"targetVolumeName":"data-moved","targetStorageClassName":"large"}`, 204, "", ""},
		{"Stay", "it is there already", at, "dataMigration", `{"targetVolumeName":"a","targetStorageClassName":"quick"}`, 422, "targetStorageClassName", "on storage class quick already"},
		{"Nowhere", "a class that is not there", at, "dataMigration", `{"targetVolumeName":"a","targetStorageClassName":"none"}`, 422, "targetStorageClassName", "does not exist"},
		{"Onto", "CDI would wait for ever", at, "dataMigration", `{"targetVolumeName":"data","targetStorageClassName":"large"}`, 409, "", "data"},
		{"Cancel", "nothing grows", at, "cancelExpand", "", 409, "", "The volume is not being enlarged."},
		{"Unready", "a snapshot takes its time", snapshots + "data-monday", "restore", `{"name":"a"}`, 409, "", "not ready yet"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			got := ask(t, admin, http.MethodPost, tc.path+"?action="+tc.action, tc.input)
			if got.status != tc.status || got.body.FieldName != tc.field || !strings.Contains(got.body.Message, tc.says) {
				t.Errorf("%s: want %d %s %q, got %d %s", tc.reason, tc.status, tc.field, tc.says, got.status, got.text)
			}
		})
	}
	made(t, claim)
	restores(t)
	viewerMayNot(t, at)
}

// made looks at what the actions have made.
func made(t *testing.T, claim *corev1.PersistentVolumeClaim) {
	t.Helper()
	copied := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "data-copy"}}
	fetch(t, copied)
	if ref := copied.Spec.DataSourceRef; ref == nil || ref.Kind != "PersistentVolumeClaim" || ref.Name != claim.Name {
		t.Errorf("a clone is the driver's to make: %+v", copied.Spec)
	}
	moved := &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "data-moved"}}
	fetch(t, moved)
	if cdi.CopyOf(moved).Name != claim.Name || *moved.Spec.Storage.StorageClassName != "large" {
		t.Errorf("CDI copies into the other class: %+v", moved.Spec)
	}
	images := &harvesterv1.VirtualMachineImageList{}
	if err := site.admin.List(t.Context(), images, client.InNamespace(home)); err != nil {
		t.Fatal(err)
	}
	exported := 0
	for i := range images.Items {
		if images.Items[i].Spec.PVCName == claim.Name {
			exported++
			t.Cleanup(func() { remove(t, &images.Items[i]) })
		}
	}
	if exported != 1 {
		t.Errorf("one image is made of the volume, not %d", exported)
	}
	for _, object := range []client.Object{copied, moved} {
		t.Cleanup(func() { drop(t, object) })
	}
}

// restores has the snapshot be ready, and makes volumes of it.
func restores(t *testing.T) {
	t.Helper()
	snapshot := &csi.VolumeSnapshot{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "data-monday"}}
	fetch(t, snapshot)
	t.Cleanup(func() { remove(t, snapshot) })
	snapshot.Status = &csi.VolumeSnapshotStatus{ReadyToUse: ptr.To(true), RestoreSize: ptr.To(resource.MustParse("2Gi"))}
	if err := site.admin.Update(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	at := snapshots + "data-monday"
	eventually(t, "the snapshot is ready", func() bool {
		return ask(t, admin, http.MethodGet, at, "").body.Metadata.State.Name == "ready"
	})
	if got := ask(t, admin, http.MethodPost, at+"?action=restore", `{"name":"a","storageClassName":"none"}`); got.status != 422 || got.body.FieldName != "storageClassName" {
		t.Errorf("a class that is not there: %d %s", got.status, got.text)
	}
	if got := ask(t, admin, http.MethodPost, at+"?action=restore", `{"name":"data-again"}`); got.status != 204 {
		t.Fatalf("restore: %d %s", got.status, got.text)
	}
	again := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "data-again"}}
	fetch(t, again)
	t.Cleanup(func() { drop(t, again) })
	size := csi.Requested(again)
	if size.String() != "2Gi" || *again.Spec.StorageClassName != "quick" || *again.Spec.VolumeMode != corev1.PersistentVolumeBlock {
		t.Errorf("a volume comes back as it was, with room for all: %+v", again.Spec)
	}
}

// viewerMayNot holds that whoever may look may not do.
func viewerMayNot(t *testing.T, at string) {
	t.Helper()
	for _, action := range []string{"export", "cancelExpand", "clone", "snapshot", "dataMigration"} {
		if got := ask(t, viewer, http.MethodPost, at+"?action="+action, `{}`); got.status != 403 && got.status != 404 {
			t.Errorf("a viewer may not %s: %d %s", action, got.status, got.text)
		}
	}
}

// drop deletes an object with its finalizers: whoever would take them off does not run here. A webhook that still takes it
// for used is asked again.
func drop(t *testing.T, object client.Object) {
	t.Helper()
	ctx := context.Background()
	var err error
	eventuallyIn(ctx, t, "nobody holds "+object.GetName(), func() bool {
		err = site.admin.Delete(ctx, object)
		return !apierrors.IsConflict(err)
	})
	if err == nil {
		err = site.admin.Patch(ctx, object, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))
	}
	if client.IgnoreNotFound(err) != nil {
		t.Error(err)
	}
}

func fetch(t *testing.T, object client.Object) {
	t.Helper()
	if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
		t.Fatal(err)
	}
}

// TestCancelExpand takes back what the storage cannot do, on a real API server: Kubernetes decides how far.
func TestCancelExpand(t *testing.T) {
	create(t, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "slow"}, Provisioner: csiDriver, AllowVolumeExpansion: ptr.To(true)})
	claim := boundVolume(t, "stuck", func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = ptr.To("slow") })
	claim.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("100Gi")
	if err := site.admin.Update(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	at := volumes + "stuck"
	eventually(t, "the backend sees it grow", func() bool {
		return ask(t, admin, http.MethodGet, at, "").body.Metadata.State.Name == "resizing"
	})
	if got := ask(t, admin, http.MethodPost, at+"?action=cancelExpand", ""); got.status != 204 {
		t.Fatalf("cancelExpand: %d %s", got.status, got.text)
	}
	fetch(t, claim)
	size := csi.Requested(claim)
	if size.String() != "1025Mi" || claim.Annotations[harvesterv1.AnnotationExpansionCancelled] != "100Gi" {
		t.Errorf("it goes back to the least above what it has, and remembers: %s, %v", size.String(), claim.Annotations)
	}
}

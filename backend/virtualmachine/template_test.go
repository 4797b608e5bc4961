package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/backend/virtualmachine/twin"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
)

// stored is a claim of a class whose volume a driver has made.
func stored(name, class, driver string) *corev1.PersistentVolumeClaim {
	made := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, Annotations: map[string]string{"volume.kubernetes.io/storage-provisioner": driver},
	}}
	made.Spec.VolumeMode, made.Spec.StorageClassName = ptr.To(corev1.PersistentVolumeBlock), &class
	return made
}

// TestImagesOf makes a template with the data of a machine that has one disk on Longhorn and one elsewhere.
func TestImagesOf(t *testing.T) {
	const other = "csi.example.org"
	claims := map[string]*corev1.PersistentVolumeClaim{
		"root": stored("root", "longhorn", longhorn.Driver), "data": stored("data", "fast", other), "old": stored("old", "gone", longhorn.Driver),
	}
	view := capability.View{Facts: fake.NewClientBuilder().WithObjects(
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "longhorn"}, Provisioner: longhorn.Driver},
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: other},
	).Build()}
	onLonghorn, err := backed(t.Context(), view, claims)
	if err != nil {
		t.Fatal(err)
	}
	machine := &kubevirt.VirtualMachine{}
	machine.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: `[` +
		`{"metadata":{"name":"a"},"spec":{"storageClassName":"longhorn","dataSource":{"kind":"PersistentVolumeClaim","name":"root"}}},` +
		`{"metadata":{"name":"b"},"spec":{"storageClassName":"fast","dataSource":{"kind":"PersistentVolumeClaim","name":"data"}}},` +
		`{"metadata":{"name":"c"},"spec":{"storageClassName":"gone","dataSource":{"kind":"PersistentVolumeClaim","name":"old"}}}]`}
	images, err := imagesOf(twin.Twin{Machine: machine}, claims, onLonghorn, CreateTemplateInput{Name: "mold", WithData: true})
	if err != nil {
		t.Fatal(err)
	}
	templates, err := claim.Templates(machine)
	if err != nil || len(templates) != len(images) {
		t.Fatalf("%d templates for %d images (%v)", len(templates), len(images), err)
	}
	type kept struct {
		Backend      harvesterv1.ImageBackend
		Target, Disk string
	}
	var got []kept
	for i, image := range images {
		class := *templates[i].Spec.StorageClassName
		if image.NamesClass(class) {
			class = "the image's own"
		}
		got = append(got, kept{image.Spec.Backend, image.Spec.TargetStorageClassName, class})
	}
	want := []kept{
		{harvesterv1.ImageBackendBackingImage, "longhorn", "the image's own"},
		{"", "fast", "fast"},
		{"", "gone", "gone"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Longhorn keeps what is Longhorn's, and disks start by the class of such an image: -want +got:\n%s", diff)
	}
}

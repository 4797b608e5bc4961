package volume

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

// disk is a volume of Longhorn's.
func disk(v *Volume) {
	v.Claim.Annotations["volume.kubernetes.io/storage-provisioner"] = longhorn.Driver
	v.Claim.Spec.VolumeMode, v.Claim.Spec.StorageClassName = ptr.To(corev1.PersistentVolumeBlock), ptr.To("longhorn")
}

// TestExportBackend exports volumes on a site whose default class is Longhorn's: the image is kept as its storage keeps images.
func TestExportBackend(t *testing.T) {
	kinds := runtime.NewScheme()
	known := runtime.SchemeBuilder{scheme.AddToScheme, harvesterv1.AddToScheme}
	if err := known.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	def := map[string]string{harvesterv1.AnnotationDefaultClass: "true"}
	facts := fake.NewClientBuilder().WithScheme(kinds).WithObjects(
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "longhorn", Annotations: def}, Provisioner: longhorn.Driver},
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "csi.example.org"},
	).Build()
	fast := func(v *Volume) { v.Claim.Spec.StorageClassName = ptr.To("fast") }
	cases := map[string]struct {
		reason string
		volume Volume
		class  string
		want   harvesterv1.ImageBackend
	}{
		"Longhorn": {"Longhorn keeps what is Longhorn's", bound(disk), "longhorn", harvesterv1.ImageBackendBackingImage},
		"Default":  {"also where nobody names the class", bound(disk), "", harvesterv1.ImageBackendBackingImage},
		"Out":      {"elsewhere CDI keeps it", bound(disk), "fast", harvesterv1.ImageBackendCDI},
		"In":       {"CDI brings what is not Longhorn's", bound(fast), "longhorn", harvesterv1.ImageBackendCDI},
		"Other":    {"other storage knows no backing images", bound(fast), "fast", harvesterv1.ImageBackendCDI},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			made := fake.NewClientBuilder().WithScheme(kinds).Build()
			caller := capability.Caller{Client: made, View: capability.View{Facts: facts}}
			if err := export(t.Context(), caller, tc.volume, ExportInput{DisplayName: "golden", StorageClassName: tc.class}); err != nil {
				t.Fatal(err)
			}
			images := &harvesterv1.VirtualMachineImageList{}
			if err := made.List(t.Context(), images); err != nil || len(images.Items) != 1 {
				t.Fatalf("one image is asked for: %d (%v)", len(images.Items), err)
			}
			if got := images.Items[0].Spec.Backend; got != tc.want {
				t.Errorf("%s: backend %s", tc.reason, got)
			}
		})
	}
}

package number_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/template/number"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

// TestHealth says what who waits for a version is told.
func TestHealth(t *testing.T) {
	template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "here"}}
	image := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "tiny"}}
	busy := image.DeepCopy()
	busy.Status.Conditions = []harvesterv1.Condition{{
		Type: harvesterv1.ImageImported, Status: metav1.ConditionUnknown, Reason: harvesterv1.ImageReasonSourceUsed, Message: "virtual machine web runs with it",
	}}
	cases := map[string]struct {
		reason, image string
		there         []client.Object
		want, said    string
	}{
		"Ready":    {"machines can be made of it", "", []client.Object{template}, manager.Current, ""},
		"Alone":    {"its template may come after it", "", nil, manager.InProgress, "Template default/web does not exist."},
		"NoImage":  {"and so may an image", "default/tiny", []client.Object{template}, manager.InProgress, "Image default/tiny does not exist."},
		"NotReady": {"or the bytes of one", "default/tiny", []client.Object{template, image}, manager.InProgress, "The bytes of image default/tiny are not there yet."},
		"Busy":     {"who is in the way of the bytes is told", "default/tiny", []client.Object{template, busy}, manager.InProgress, "The bytes of image default/tiny are not there yet: virtual machine web runs with it."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kinds := runtime.NewScheme()
			if err := harvesterv1.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			version := &harvesterv1.VirtualMachineTemplateVersion{
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-1"},
				Spec:       harvesterv1.VirtualMachineTemplateVersionSpec{TemplateID: "default/web", ImageID: tc.image},
			}
			build := fake.NewClientBuilder().WithScheme(kinds).WithStatusSubresource(template, version).WithObjects(version)
			for _, object := range tc.there {
				build.WithObjects(object.DeepCopyObject().(client.Object))
			}
			live := build.Build()
			look(t, &number.Controller{Client: live, Live: live, Now: time.Now}, version.Name, true)
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(version), version); err != nil {
				t.Fatal(err)
			}
			if got := manager.HealthOf(t, kinds, version); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
			if ready := harvesterv1.ConditionOf(version.Status.Conditions, harvesterv1.ConditionReady); ready.Message != tc.said {
				t.Errorf("%s: it says %q, not %q", tc.reason, ready.Message, tc.said)
			}
		})
	}
}

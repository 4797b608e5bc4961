package choose_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/template/choose"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/behind"
)

// TestFirst chooses the default of a template whose first version the cache remembers.
func TestFirst(t *testing.T) {
	first := harvesterv1.VirtualMachineTemplateVersion{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-1", UID: "first"},
		Spec:       harvesterv1.VirtualMachineTemplateVersionSpec{TemplateID: "default/web"},
		Status:     harvesterv1.VirtualMachineTemplateVersionStatus{Version: 1},
	}
	anew := first.DeepCopy()
	anew.UID = "anew"
	left := first.DeepCopy()
	left.OwnerReferences = []metav1.OwnerReference{{APIVersion: "harvesterhci.io/v1beta1", Kind: "VirtualMachineTemplate", Name: "web", UID: "gone"}}
	cases := map[string]struct {
		reason string
		cached client.Object
		now    []client.Object
		want   string
	}{
		"There": {"the first version is the default", &first, []client.Object{first.DeepCopy()}, "default/web-1"},
		"Gone":  {"a default that is gone would stay", &first, nil, ""},
		"Anew":  {"another of its name is looked at when it is heard of", &first, []client.Object{anew}, ""},
		"Left":  {"one that a template of the same name has left goes after it", left, []client.Object{left.DeepCopy()}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "here"}}
			kinds := runtime.NewScheme()
			if err := harvesterv1.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			live := fake.NewClientBuilder().WithScheme(kinds).WithStatusSubresource(template).WithObjects(append(tc.now, template)...).Build()
			c := &choose.Controller{Client: behind.Remembers(live, tc.cached), Live: live, Now: time.Now}
			if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(template)}); err != nil {
				t.Fatal(err)
			}
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(template), template); err != nil {
				t.Fatal(err)
			}
			if got := template.Spec.DefaultVersionID; got != tc.want {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

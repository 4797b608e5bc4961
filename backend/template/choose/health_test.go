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
	"crofthci.io/croft/test/manager"
)

// TestHealth says what who waits for a template is told.
func TestHealth(t *testing.T) {
	cases := map[string]struct {
		reason, names string
		number        int
		want          string
	}{
		"Bare":    {"a template without versions lacks nothing", "", 0, manager.Current},
		"Named":   {"the version may come after its template", "default/web-1", 0, manager.InProgress},
		"There":   {"it has come", "default/web-1", 3, manager.Current},
		"Another": {"another was named", "default/web-2", 3, manager.InProgress},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kinds := runtime.NewScheme()
			if err := harvesterv1.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}}
			template.Spec.DefaultVersionID = tc.names
			version := &harvesterv1.VirtualMachineTemplateVersion{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-1"}}
			version.Spec.TemplateID, version.Status.Version = "default/other", tc.number
			live := fake.NewClientBuilder().WithScheme(kinds).WithStatusSubresource(template).WithObjects(template, version).Build()
			c := &choose.Controller{Client: live, Live: live, Now: time.Now}
			if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(template)}); err != nil {
				t.Fatal(err)
			}
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(template), template); err != nil {
				t.Fatal(err)
			}
			if got := manager.HealthOf(t, kinds, template); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}

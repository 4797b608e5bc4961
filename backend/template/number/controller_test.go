package number_test

import (
	"os"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/template/number"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/behind"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

// TestANumberIsTakenOnce lets the controller look at versions that it remembers as they were before they had numbers, as it
// does when it is called again before it has heard of what it wrote itself.
func TestANumberIsTakenOnce(t *testing.T) {
	kinds := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	live, err := client.NewWithWatch(api, client.Options{Scheme: kinds})
	if err != nil {
		t.Fatal(err)
	}
	template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}}
	if err := live.Create(t.Context(), template); err != nil {
		t.Fatal(err)
	}
	names := []string{"web-1", "web-2"}
	var remembered []client.Object
	forgetful := func() *number.Controller {
		return &number.Controller{Client: behind.Remembers(live, remembered...), Live: live, Now: time.Now}
	}
	for i, name := range names {
		version := &harvesterv1.VirtualMachineTemplateVersion{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, OwnerReferences: []metav1.OwnerReference{
				{APIVersion: "v1", Kind: "ConfigMap", Name: "somebody", UID: "else"},
			}},
			Spec: harvesterv1.VirtualMachineTemplateVersionSpec{TemplateID: "default/web"},
		}
		if err := live.Create(t.Context(), version); err != nil {
			t.Fatal(err)
		}
		look(t, forgetful(), name, true)
		if err := live.Get(t.Context(), client.ObjectKeyFromObject(version), version); err != nil {
			t.Fatal(err)
		}
		if version.Status.Version != i+1 {
			t.Fatalf("version %s has number %d", name, version.Status.Version)
		}
		if owners := version.OwnerReferences; len(owners) != 2 || owners[0].Name != "somebody" || owners[1].UID != template.UID {
			t.Errorf("a version goes with its template and with whoever else owns it: %v", owners)
		}
		version.Status = harvesterv1.VirtualMachineTemplateVersionStatus{}
		remembered = append(remembered, version)
		look(t, forgetful(), name, false)
	}
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(template), template); err != nil {
		t.Fatal(err)
	}
	if latest := template.Status.LatestVersion; latest != len(names) {
		t.Errorf("%d versions have taken %d numbers", len(names), latest)
	}
}

// look has the controller look at a version. One that it remembers wrongly it may well refuse to write.
func look(t *testing.T, controller *number.Controller, name string, must bool) {
	t.Helper()
	request := ctrl.Request{NamespacedName: client.ObjectKey{Namespace: "default", Name: name}}
	if _, err := controller.Reconcile(t.Context(), request); must && err != nil {
		t.Fatal(err)
	}
}

// TestTheTemplateThatIsThere ties a version to the template that there is, and not to one of its name that is remembered:
// whatever has an owner that is gone is collected.
func TestTheTemplateThatIsThere(t *testing.T) {
	kinds := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	live, err := client.NewWithWatch(api, client.Options{Scheme: kinds})
	if err != nil {
		t.Fatal(err)
	}
	template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "anew"}}
	if err := live.Create(t.Context(), template); err != nil {
		t.Fatal(err)
	}
	gone := template.DeepCopy()
	gone.UID = "gone"
	version := &harvesterv1.VirtualMachineTemplateVersion{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "anew-1"},
		Spec:       harvesterv1.VirtualMachineTemplateVersionSpec{TemplateID: "default/anew"},
	}
	if err := live.Create(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	look(t, &number.Controller{Client: behind.Remembers(live, gone), Live: live, Now: time.Now}, version.Name, true)
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(version), version); err != nil {
		t.Fatal(err)
	}
	if owners := version.OwnerReferences; len(owners) != 1 || owners[0].UID != template.UID {
		t.Errorf("the version goes with a template that is gone: %v", owners)
	}
}

// TestWhatATemplateHasLeft keeps a version with the template that it was made for, when that is gone and another has its
// name: it is about to be collected, and its number is none of the other's.
func TestWhatATemplateHasLeft(t *testing.T) {
	kinds := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "here"}}
	owner := metav1.OwnerReference{APIVersion: "harvesterhci.io/v1beta1", Kind: "VirtualMachineTemplate", Name: "web", UID: "gone"}
	cases := map[string]struct {
		reason string
		owners []metav1.OwnerReference
		number int
		want   int
		owned  bool
	}{
		"Left":     {"what is numbered goes with what numbered it", []metav1.OwnerReference{owner}, 2, 2, false},
		"Restored": {"what comes back from a file has no number, and gets one", []metav1.OwnerReference{owner}, 0, 1, true},
		"Orphan":   {"what was left to itself on purpose is taken in", nil, 2, 2, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			version := &harvesterv1.VirtualMachineTemplateVersion{
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-2", OwnerReferences: tc.owners},
				Spec:       harvesterv1.VirtualMachineTemplateVersionSpec{TemplateID: "default/web"},
				Status:     harvesterv1.VirtualMachineTemplateVersionStatus{Version: tc.number},
			}
			live := fake.NewClientBuilder().WithScheme(kinds).WithStatusSubresource(template, version).
				WithObjects(template.DeepCopy(), version).Build()
			look(t, &number.Controller{Client: live, Live: live, Now: time.Now}, version.Name, true)
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(version), version); err != nil {
				t.Fatal(err)
			}
			owned := len(version.OwnerReferences) == 1 && version.OwnerReferences[0].UID == template.UID
			if owned != tc.owned || version.Status.Version != tc.want {
				t.Errorf("%s: number %d, owners %v", tc.reason, version.Status.Version, version.OwnerReferences)
			}
		})
	}
}

package main

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apimeta "k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	templateadmission "crofthci.io/croft/backend/template/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

const versions = "/v1/harvester/harvesterhci.io.virtualmachinetemplateversions/default/"

// versionSheet asks for the removal of a default version really: that it stays is said only then.
var versionSheet = sheet{
	file: "versions.golden.md", noun: "a template version", at: versions, links: []string{"update", "remove"},
	stances: versionStances,
	prepare: func(t *testing.T) {
		guard(t, templateadmission.SetUp, templateadmission.VersionPath)
	},
	asked: map[string][]string{"default": {"remove"}},
}

// guard has the API server call a webhook of a capability while a test lasts.
func guard(t *testing.T, setUp func(ctrl.Manager) error, path string) {
	t.Helper()
	config, err := site.cluster.Config()
	if err != nil {
		t.Fatal(err)
	}
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, config, manager.Options{
		Kinds: apimeta.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme, cdi.AddToScheme}, SetUp: setUp, Webhook: hooks.Server,
	})
	hooks.Call(c, path)
}

// awaitKept waits until the webhook of a kind knows what keeps an object: what it knows comes a little later.
func awaitKept(t *testing.T, object client.Object) {
	t.Helper()
	eventually(t, object.GetName()+" is kept", func() bool {
		return apierrors.IsConflict(site.admin.Delete(t.Context(), object.DeepCopyObject().(client.Object), client.DryRunAll))
	})
}

// versionStances are the states that a version of a template can be in.
var versionStances = []stance{
	{"new", func(t *testing.T, name string) { versioned(t, name) }},
	{"without its image", func(t *testing.T, name string) {
		versioned(t, name, harvesterv1.Condition{Type: harvesterv1.TemplateVersionAssigned, Status: metav1.ConditionTrue},
			harvesterv1.Condition{Type: harvesterv1.TemplateVersionReady, Status: metav1.ConditionFalse})
	}},
	{"active", func(t *testing.T, name string) { versioned(t, name, active...) }},
	{"default", func(t *testing.T, name string) {
		made := versioned(t, name, active...)
		_, of, _ := strings.Cut(made.Spec.TemplateID, "/")
		template := read(t, &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: of}})
		template.Spec.DefaultVersionID = home + "/" + name
		if err := site.admin.Update(t.Context(), template); err != nil {
			t.Fatal(err)
		}
	}},
	{"terminating", func(t *testing.T, name string) {
		made := versioned(t, name, active...)
		made.Finalizers = []string{"test.crofthci.io/keep"}
		if err := site.admin.Update(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		if err := site.admin.Delete(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}},
}

var active = []harvesterv1.Condition{
	{Type: harvesterv1.TemplateVersionAssigned, Status: metav1.ConditionTrue},
	{Type: harvesterv1.TemplateVersionReady, Status: metav1.ConditionTrue},
}

// versioned is a version of a template of its own, as its controllers would have left it.
func versioned(t *testing.T, name string, conditions ...harvesterv1.Condition) *harvesterv1.VirtualMachineTemplateVersion {
	t.Helper()
	template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "of-" + name}}
	made := &harvesterv1.VirtualMachineTemplateVersion{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name},
		Spec: harvesterv1.VirtualMachineTemplateVersionSpec{
			TemplateID: home + "/" + template.Name, VM: apimeta.RawExtension{Raw: []byte(`{"spec":{"runStrategy":"Halted"}}`)},
		},
	}
	if err := site.admin.Create(t.Context(), template); err != nil {
		t.Fatal(err)
	}
	if err := site.admin.Create(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the template first: it keeps its default version
		drop(t, template)
		drop(t, made)
	})
	made.Status.Conditions = conditions
	if err := site.admin.Status().Update(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return made
}

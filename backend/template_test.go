package main

import (
	"encoding/json"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

const templates = "/v1/harvester/harvesterhci.io.virtualmachinetemplates/default/"

var gibi = resource.MustParse("1Gi")

// TestCreateTemplate makes templates of a machine over HTTP, without data and with.
func TestCreateTemplate(t *testing.T) {
	m := cutFrom("default/tiny", "mold")
	m.Spec.Template.Spec.Domain.Devices.Interfaces = []kubevirt.Interface{{
		Name: "lan", MacAddress: "02:00:00:00:00:01",
		InterfaceBindingMethod: kubevirt.InterfaceBindingMethod{Masquerade: &kubevirt.InterfaceMasquerade{}},
	}}
	m.Spec.Template.Spec.Networks = []kubevirt.Network{{Name: "lan", NetworkSource: kubevirt.NetworkSource{Pod: &kubevirt.PodNetwork{}}}}
	// Keys that are gone, and what names none, are left out.
	m.Spec.Template.ObjectMeta.Annotations = map[string]string{harvesterv1.AnnotationSSHNames: `["me","a/b/c","../x","default/none"]`}
	create(t, m)
	tell(t, m, kubevirt.StatusStopped)
	claim := claimOf(m)
	claim.Spec = corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, StorageClassName: new(string),
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: gibi}},
	}
	create(t, claim)
	claim.Status.Phase, claim.Status.Capacity = corev1.ClaimBound, claim.Spec.Resources.Requests
	if err := site.admin.Status().Update(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	act(t, viewer, "mold", "createTemplate", `{"name":"mold"}`, http.StatusForbidden)
	if got := act(t, admin, "mold", "createTemplate", `{}`, http.StatusUnprocessableEntity); got.body.FieldName != "name" {
		t.Errorf("the field is named: %s", got.text)
	}
	for name, body := range map[string]string{"bare": `{"name":"bare","description":"Mine."}`, "full": `{"name":"full","withData":true}`} {
		t.Run(name, func(t *testing.T) {
			act(t, admin, "mold", "createTemplate", body, http.StatusNoContent)
			template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
			t.Cleanup(func() { remove(t, template) })
			requireTemplate(t, name, name == "full")
			act(t, admin, "mold", "createTemplate", body, http.StatusConflict)
			if list := versionsOf(t, name); len(list) != 1 {
				t.Errorf("a template that is there is left as it is: %d versions", len(list))
			}
		})
	}
}

// versionsOf asks for the versions of a template by its link.
func versionsOf(t *testing.T, name string) []harvesterv1.VirtualMachineTemplateVersion {
	t.Helper()
	var list struct {
		Data []harvesterv1.VirtualMachineTemplateVersion
	}
	got := ask(t, admin, http.MethodGet, templates+name+"/versions", "")
	if err := json.Unmarshal([]byte(got.text), &list); err != nil || got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.text)
	}
	return list.Data
}

// requireTemplate looks at what a template of the machine has.
func requireTemplate(t *testing.T, name string, withData bool) {
	t.Helper()
	list := versionsOf(t, name)
	if len(list) != 1 {
		t.Fatalf("want one version, got %+v", list)
	}
	version := list[0]
	t.Cleanup(func() { remove(t, &version) })
	if version.Spec.TemplateID != "default/"+name {
		t.Errorf("it is the template's: %s", version.Spec.TemplateID)
	}
	machine := &kubevirt.VirtualMachine{}
	if err := json.Unmarshal(version.Spec.VM.Raw, machine); err != nil {
		t.Fatal(err)
	}
	if address := machine.Spec.Template.Spec.Domain.Devices.Interfaces[0].MacAddress; address != "" {
		t.Errorf("an address is one machine's alone: %s", address)
	}
	images := version.Images()
	if len(images) != 1 || (images[0] == "default/tiny") == withData {
		t.Fatalf("a new machine starts from the image, or from the data: %v", images)
	}
	if !withData {
		return
	}
	image := &harvesterv1.VirtualMachineImage{}
	if err := site.admin.Get(t.Context(), client.ObjectKey{Namespace: home, Name: images[0][len("default/"):]}, image); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, image) })
	if image.Spec.SourceType != harvesterv1.ImageSourceVolume || image.Spec.PVCName != "mold-root" {
		t.Errorf("the data is the volume's: %+v", image.Spec)
	}
}

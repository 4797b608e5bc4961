package clients

import (
	"fmt"
	"strings"
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"github.com/harvester/harvester/pkg/builder"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// halted is a machine that stays off, with what the builder can do beside disks.
func halted(t *testing.T, namespace, name string) *kubevirtv1.VirtualMachine {
	t.Helper()
	vm, err := builder.NewVMBuilder(creator).Namespace(namespace).Name(name).CPU(2).Memory("1Gi").
		NetworkInterface("nic-0", "e1000", "02:00:00:00:00:07", builder.NetworkInterfaceTypeMasquerade, "").SetNetworkInterfaceBootOrder("nic-0", 2).
		ContainerDisk("virtio-drivers", builder.DiskBusSata, true, 1, "example.org/virtio:1", builder.DefaultImagePullPolicy).
		CloudInitDisk(builder.CloudInitDiskName, builder.DiskBusVirtio, false, 0, builder.CloudInitSource{
			CloudInitType: builder.CloudInitTypeConfigDrive, UserData: "#cloud-config\n", NetworkData: "version: 2\n",
		}).TPM().Run(false).VM()
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// TestBuilder has the site keep everything that the builder says.
func TestBuilder(t *testing.T) {
	s := open(t, "clients-builder")
	wanted := halted(t, s.namespace, "builder")
	made, err := s.harvester.KubevirtV1().VirtualMachines(s.namespace).Create(t.Context(), wanted, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict})
	if err != nil {
		t.Fatal(err)
	}
	sent, kept := wanted.Spec.Template.Spec, made.Spec.Template.Spec
	for what, pair := range map[string][2]any{
		"disks":    {sent.Domain.Devices.Disks, kept.Domain.Devices.Disks},
		"cards":    {sent.Domain.Devices.Interfaces, kept.Domain.Devices.Interfaces},
		"TPM":      {sent.Domain.Devices.TPM, kept.Domain.Devices.TPM},
		"networks": {sent.Networks, kept.Networks},
		"volumes":  {sent.Volumes, kept.Volumes},
		"cores":    {sent.Domain.CPU.Cores, kept.Domain.CPU.Cores},
		"strategy": {wanted.Spec.RunStrategy, made.Spec.RunStrategy},
	} {
		if !equality.Semantic.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: sent %+v, kept %+v", what, pair[0], pair[1])
		}
	}
	for name, limit := range sent.Domain.Resources.Limits {
		if got := kept.Domain.Resources.Limits[name]; got.Cmp(limit) != 0 {
			t.Errorf("limit of %s: sent %s, kept %s", name, limit.String(), got.String())
		}
	}
	unlimited := halted(t, s.namespace, "unlimited")
	unlimited.Spec.Template.Spec.Domain.Resources.Limits = nil
	if _, err := s.harvester.KubevirtV1().VirtualMachines(s.namespace).Create(t.Context(), unlimited, metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
		t.Errorf("a machine without limits is invalid: %v", err)
	}
}

// TestTemplate makes a template with two versions, and a machine of its default.
func TestTemplate(t *testing.T) {
	s := open(t, "clients-template")
	templates := s.harvester.HarvesterhciV1beta1().VirtualMachineTemplates(s.namespace)
	versions := s.harvester.HarvesterhciV1beta1().VirtualMachineTemplateVersions(s.namespace)
	line, _ := publicKey(t)
	s.makeKey(t, "mine", line)
	template := &harvesterv1.VirtualMachineTemplate{
		ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: harvesterv1.VirtualMachineTemplateSpec{Description: "A web server."},
	}
	if _, err := templates.Create(t.Context(), template, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for number := 1; number <= 2; number++ {
		vm := halted(t, s.namespace, "web")
		version := &harvesterv1.VirtualMachineTemplateVersion{
			// Without a name: it is named for its template.
			Spec: harvesterv1.VirtualMachineTemplateVersionSpec{
				TemplateID: s.namespace + "/web", KeyPairIDs: []string{s.namespace + "/mine"}, Description: fmt.Sprint(number),
				VM: harvesterv1.VirtualMachineSourceSpec{ObjectMeta: metav1.ObjectMeta{Labels: vm.Labels, Annotations: vm.Annotations}, Spec: vm.Spec},
			},
		}
		made, err := versions.Create(t.Context(), version, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "version", func() error {
			found, err := versions.Get(t.Context(), made.Name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			if found.Status.Version != number || !harvesterv1.VersionAssigned.IsTrue(found) || !harvesterv1.TemplateVersionReady.IsTrue(found) {
				return fmt.Errorf("status %+v", found.Status)
			}
			if !equality.Semantic.DeepEqual(found.Spec, version.Spec) {
				return fmt.Errorf("%w: it is not what it was made: %+v, want %+v", errEnd, found.Spec, version.Spec)
			}
			return nil
		})
	}
	var found *harvesterv1.VirtualMachineTemplate
	eventually(t, "template", func() (err error) {
		if found, err = templates.Get(t.Context(), "web", metav1.GetOptions{}); err != nil {
			return err
		}
		if found.Spec.DefaultVersionID == "" || found.Status.DefaultVersion != 1 || found.Status.LatestVersion != 2 {
			return fmt.Errorf("%+v", found)
		}
		return nil
	})
	s.choose(t, found)
}

// choose takes the other version of a template for its default, makes a machine of it, and removes what is not chosen.
func (s *site) choose(t *testing.T, template *harvesterv1.VirtualMachineTemplate) {
	t.Helper()
	templates := s.harvester.HarvesterhciV1beta1().VirtualMachineTemplates(s.namespace)
	versions := s.harvester.HarvesterhciV1beta1().VirtualMachineTemplateVersions(s.namespace)
	list, err := versions.List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 2 {
		t.Fatalf("two versions: %v, %v", list, err)
	}
	first, second := list.Items[0], list.Items[1]
	if first.Status.Version > second.Status.Version {
		first, second = second, first
	}
	if template.Spec.DefaultVersionID != s.namespace+"/"+first.Name {
		t.Errorf("the first version is the default: %s", template.Spec.DefaultVersionID)
	}
	// The provider knows this refusal by its words, and deletes the template instead.
	err = versions.Delete(t.Context(), first.Name, metav1.DeleteOptions{})
	if err == nil || !strings.Contains(err.Error(), "Cannot delete the default templateVersion") {
		t.Errorf("the default version stays: %v", err)
	}
	template.Spec.DefaultVersionID, template.Spec.Description = s.namespace+"/"+second.Name, "Another."
	if _, err := templates.Update(t.Context(), template, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := versions.Delete(t.Context(), first.Name, metav1.DeleteOptions{}); err != nil {
		t.Errorf("the other goes: %v", err)
	}
	vm := &kubevirtv1.VirtualMachine{ObjectMeta: *second.Spec.VM.ObjectMeta.DeepCopy(), Spec: second.Spec.VM.Spec}
	vm.Name, vm.Namespace = "of-template", s.namespace
	if _, err := s.harvester.KubevirtV1().VirtualMachines(s.namespace).Create(t.Context(), vm, metav1.CreateOptions{}); err != nil {
		t.Errorf("a machine of the version: %v", err)
	}
	if err := templates.Delete(t.Context(), template.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	gone(t, "the template's version", func() error {
		_, err := versions.Get(t.Context(), second.Name, metav1.GetOptions{})
		return err
	})
}

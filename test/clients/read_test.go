package clients

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/harvester/harvester/pkg/builder"
	"github.com/harvester/harvester/pkg/util"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// reads looks at everything that the provider makes its state of. What differs from what was written would be changed by
// the next plan; what is missing, the provider does not survive.
func (s stack) reads(t *testing.T, wanted plan) {
	vm, vmi := s.now(t)
	spec := vm.Spec.Template.Spec
	if spec.Domain.CPU == nil || int(spec.Domain.CPU.Cores) != wanted.cores || spec.Domain.Resources.Limits.Memory().String() != wanted.memory {
		t.Errorf("its size is as planned: %+v", spec.Domain)
	}
	if vm.Annotations[builder.AnnotationKeyDescription] != wanted.description || vm.Labels[builder.LabelPrefixHarvesterTag+"ssh-user"] != "croft" {
		t.Errorf("its description and its tags are as planned: %v, %v", vm.Annotations, vm.Labels)
	}
	if spec.Domain.Machine == nil || spec.Domain.Machine.Type != "q35" || spec.Hostname != s.name {
		t.Errorf("it is of its type: %+v, host name %q", spec.Domain.Machine, spec.Hostname)
	}
	if spec.EvictionStrategy == nil || *spec.EvictionStrategy != kubevirtv1.EvictionStrategyLiveMigrateIfPossible {
		t.Errorf("it leaves a node that is emptied: %v", spec.EvictionStrategy)
	}
	strategy, err := vm.RunStrategy()
	if err != nil || strategy != kubevirtv1.RunStrategyRerunOnFailure {
		t.Errorf("its run strategy is as planned: %s, %v", strategy, err)
	}
	var keys []string
	names := vm.Spec.Template.ObjectMeta.Annotations[builder.AnnotationKeyVirtualMachineSSHNames]
	if err := json.Unmarshal([]byte(names), &keys); err != nil || !slices.Equal(keys, []string{s.namespace + "/mine"}) {
		t.Errorf("its keys are as planned: %q, %v", names, err)
	}
	s.readsCard(t, vm, vmi)
	s.readsDisks(t, vm)
}

// readsCard reads the network card, and the address that the provider waits for.
func (s stack) readsCard(t *testing.T, vm *kubevirtv1.VirtualMachine, vmi *kubevirtv1.VirtualMachineInstance) {
	t.Helper()
	cards, networks := vm.Spec.Template.Spec.Domain.Devices.Interfaces, vm.Spec.Template.Spec.Networks
	if len(cards) != 1 || cards[0].Bridge == nil || cards[0].Model != "virtio" || cards[0].MacAddress == "" {
		t.Fatalf("its card is as planned, with an address of its own: %+v", cards)
	}
	if len(networks) != 1 || networks[0].Multus == nil || networks[0].Multus.NetworkName != s.namespace+"/"+lan {
		t.Errorf("it is in its network: %+v", networks)
	}
	const key = builder.AnnotationKeyVirtualMachineWaitForLeaseInterfaceNames
	if told := vmi.Annotations[key]; told != `["nic-0"]` || vm.Spec.Template.ObjectMeta.Annotations[key] != told {
		t.Errorf("the cards that are waited for are remembered: %q", told)
	}
	for _, status := range vmi.Status.Interfaces {
		if status.Name == "nic-0" {
			if !slices.ContainsFunc(status.IPs, isIPv4) || status.MAC != cards[0].MacAddress {
				t.Errorf("it has a lease: %+v", status)
			}
			return
		}
	}
	t.Errorf("the instance has the card: %+v", vmi.Status.Interfaces)
}

// readsDisks reads the disks: what is in the claim templates was made with the machine, all else was there.
func (s stack) readsDisks(t *testing.T, vm *kubevirtv1.VirtualMachine) {
	t.Helper()
	spec := vm.Spec.Template.Spec
	var names []string
	for _, volume := range spec.Volumes {
		names = append(names, volume.Name)
		at := slices.IndexFunc(spec.Domain.Devices.Disks, func(disk kubevirtv1.Disk) bool { return disk.Name == volume.Name })
		if at < 0 || spec.Domain.Devices.Disks[at].Disk == nil || spec.Domain.Devices.Disks[at].Disk.Bus != builder.DiskBusVirtio {
			t.Errorf("volume %s has its disk: %+v", volume.Name, spec.Domain.Devices.Disks)
		}
	}
	if !slices.Equal(names, []string{"rootdisk", "datadisk", builder.CloudInitDiskName}) {
		t.Fatalf("its volumes are as planned, in their order: %v", names)
	}
	if cloud := spec.Volumes[2].CloudInitNoCloud; cloud == nil || cloud.UserDataSecretRef == nil || cloud.UserDataSecretRef.Name != "cloud" || cloud.UserData != "" {
		t.Errorf("its user data is in its secret: %+v", cloud)
	}
	var templates []*corev1.PersistentVolumeClaim
	if err := json.Unmarshal([]byte(vm.Annotations[util.AnnotationVolumeClaimTemplates]), &templates); err != nil || len(templates) != 1 {
		t.Fatalf("one disk is made with it: %s, %v", vm.Annotations[util.AnnotationVolumeClaimTemplates], err)
	}
	root := templates[0]
	if root.Name != spec.Volumes[0].PersistentVolumeClaim.ClaimName || root.Spec.Resources.Requests.Storage().String() != "1Gi" ||
		root.Annotations[builder.AnnotationKeyImageID] != s.namespace+"/tiny" || root.Annotations["terraform-provider-harvester-auto-delete"] != "true" ||
		*root.Spec.StorageClassName != s.image.Status.StorageClassName || *root.Spec.VolumeMode != corev1.PersistentVolumeBlock ||
		!slices.Equal(root.Spec.AccessModes, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}) {
		t.Errorf("its claim template is what it was: %+v", root)
	}
}

// inUse reads of volumes which machine has them.
func (s stack) inUse(t *testing.T) {
	for _, name := range []string{s.name + "-root", "data"} {
		claim, err := s.kube.CoreV1().PersistentVolumeClaims(s.namespace).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var owners []struct {
			Schema string
			Refs   []string
		}
		text := claim.Annotations["harvesterhci.io/owned-by"]
		if err := json.Unmarshal([]byte(text), &owners); err != nil || len(owners) != 1 || owners[0].Schema != "kubevirt.io.virtualmachine" ||
			!slices.Equal(owners[0].Refs, []string{s.namespace + "/" + s.name}) || claim.Status.Phase != corev1.ClaimBound {
			t.Errorf("volume %s is attached to %q, and is %s: %v", name, text, claim.Status.Phase, err)
		}
	}
}

// TestForeignMachine reads a machine of which somebody has said as little as possible: what the Terraform provider does
// not survive when it is missing, the site says.
func TestForeignMachine(t *testing.T) {
	s := open(t, "clients-plain")
	s.raw(t, "POST", "kubevirt.io.virtualmachines", map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
		"metadata": map[string]any{"namespace": s.namespace, "name": "plain"},
		"spec": map[string]any{"runStrategy": "Halted", "template": map[string]any{"spec": map[string]any{"domain": map[string]any{
			"devices": map[string]any{}, "resources": map[string]any{"limits": map[string]any{"cpu": "1", "memory": "256Mi"}},
		}}}},
	})
	vm, err := s.harvester.KubevirtV1().VirtualMachines(s.namespace).Get(t.Context(), "plain", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	domain := vm.Spec.Template.Spec.Domain
	if domain.CPU == nil || domain.CPU.Cores != 1 {
		t.Errorf("it has cores: %+v", domain.CPU)
	}
	if domain.Machine == nil || domain.Machine.Type == "" {
		t.Errorf("it is of a type: %+v", domain.Machine)
	}
}

package virtualmachine

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/kubevirt"
)

// The bounds of what a site may put into a row.
const (
	longestText   = 253
	mostAddresses = 16
	mostLabels    = 64
)

// The names under which Harvester's clients write what has no field of its own.
const (
	osName         = "harvesterhci.io/os"
	claimTemplates = "harvesterhci.io/volumeClaimTemplates"
	imageID        = "harvesterhci.io/imageId"
)

// machine is what is kept of a virtual machine.
type machine struct {
	VM *kubevirt.VirtualMachine `json:"vm"`
	// OS is what the owner says that the guest runs.
	OS string `json:"os,omitempty"`
	// Image is the image of the first disk.
	Image string `json:"image,omitempty"`
}

// instance is what is kept of a virtual machine's instance.
type instance struct {
	VMI *kubevirt.VirtualMachineInstance `json:"vmi"`
	// CPU and Memory are what the instance really has, also when they came from an instance type.
	CPU    int64 `json:"cpu,omitempty"`
	Memory int64 `json:"memory,omitempty"`
}

// trimMachine keeps of a virtual machine what its state, its size and its looks depend on.
func trimMachine(object []byte) ([]byte, error) {
	var vm kubevirt.VirtualMachine
	if err := json.Unmarshal(object, &vm); err != nil {
		return nil, fmt.Errorf("read a virtual machine: %w", err)
	}
	kept := machine{VM: &kubevirt.VirtualMachine{ObjectMeta: trimMeta(vm.ObjectMeta)}, OS: short(osOf(&vm)), Image: short(imageOf(&vm))}
	kept.VM.Spec.RunStrategy, kept.VM.Spec.Running = vm.Spec.RunStrategy, vm.Spec.Running
	if vm.Spec.Template != nil {
		domain := vm.Spec.Template.Spec.Domain
		kept.VM.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
		kept.VM.Spec.Template.Spec.Domain = kubevirt.DomainSpec{CPU: trimCPU(domain.CPU), Memory: domain.Memory, Resources: domain.Resources}
	}
	kept.VM.Status.PrintableStatus = vm.Status.PrintableStatus
	kept.VM.Status.StartFailure = vm.Status.StartFailure
	for _, kind := range []kubevirt.ConditionType{kubevirt.ConditionFailure, kubevirt.ConditionRestartRequired} {
		if condition := kubevirt.ConditionOf(&vm, kind); condition != nil {
			kept.VM.Status.Conditions = append(kept.VM.Status.Conditions, kubevirt.VirtualMachineCondition{
				Type: condition.Type, Status: condition.Status, Reason: condition.Reason, Message: long(condition.Message),
			})
		}
	}
	return json.Marshal(kept)
}

// trimInstance keeps of an instance what its state and its looks depend on.
func trimInstance(object []byte) ([]byte, error) {
	var vmi kubevirt.VirtualMachineInstance
	if err := json.Unmarshal(object, &vmi); err != nil {
		return nil, fmt.Errorf("read a virtual machine instance: %w", err)
	}
	kept := instance{VMI: &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: vmi.DeletionTimestamp}}}
	kept.CPU, kept.Memory = cpuOf(&vmi.Spec.Domain), memoryOf(&vmi.Spec.Domain)
	status := &kept.VMI.Status
	status.Phase, status.NodeName = vmi.Status.Phase, short(vmi.Status.NodeName)
	status.GuestOSInfo.PrettyName = short(vmi.Status.GuestOSInfo.PrettyName)
	status.MigrationState = trimMigration(vmi.Status.MigrationState)
	if addresses := addressesOf(&vmi); len(addresses) > 0 {
		status.Interfaces = []kubevirt.VirtualMachineInstanceNetworkInterface{{IPs: addresses}}
	}
	for _, kind := range []kubevirt.InstanceConditionType{kubevirt.InstancePaused, kubevirt.InstanceSynchronized, kubevirt.InstanceConditionPodScheduled} {
		if condition := kubevirt.InstanceConditionOf(&vmi, kind); condition != nil {
			status.Conditions = append(status.Conditions, kubevirt.VirtualMachineInstanceCondition{
				Type: condition.Type, Status: condition.Status, Reason: condition.Reason, Message: long(condition.Message),
			})
		}
	}
	return json.Marshal(kept)
}

func trimMeta(meta metav1.ObjectMeta) metav1.ObjectMeta {
	kept := metav1.ObjectMeta{UID: meta.UID, CreationTimestamp: meta.CreationTimestamp, DeletionTimestamp: meta.DeletionTimestamp}
	for _, key := range slices.Sorted(maps.Keys(meta.Labels)) {
		if len(kept.Labels) == mostLabels {
			break
		}
		if kept.Labels == nil {
			kept.Labels = map[string]string{}
		}
		kept.Labels[short(key)] = short(meta.Labels[key])
	}
	return kept
}

func trimCPU(cpu *kubevirt.CPU) *kubevirt.CPU {
	if cpu == nil {
		return nil
	}
	return &kubevirt.CPU{Cores: cpu.Cores, Sockets: cpu.Sockets, Threads: cpu.Threads}
}

func trimMigration(state *kubevirt.MigrationState) *kubevirt.MigrationState {
	if state == nil || state.EndTimestamp != nil {
		return nil
	}
	return &kubevirt.MigrationState{
		StartTimestamp: state.StartTimestamp, SourceNode: short(state.SourceNode), TargetNode: short(state.TargetNode),
	}
}

// addressesOf are the addresses that the guest or the node reports, each once, without those that hold on one link alone
// and without what is no address. Loopback addresses stay: under a simulated node they lead to the guest.
func addressesOf(vmi *kubevirt.VirtualMachineInstance) []string {
	var addresses []string
	seen := map[string]bool{}
	for _, card := range vmi.Status.Interfaces {
		for _, text := range append([]string{card.IP}, card.IPs...) {
			address, err := netip.ParseAddr(text)
			if err != nil || address.IsLinkLocalUnicast() || seen[address.String()] || len(addresses) == mostAddresses {
				continue
			}
			seen[address.String()] = true
			addresses = append(addresses, address.String())
		}
	}
	return addresses
}

// osOf is what the owner says that the guest runs.
func osOf(vm *kubevirt.VirtualMachine) string {
	if text := vm.Labels[osName]; text != "" {
		return text
	}
	return vm.Annotations[osName]
}

// imageOf is the image that the first disk was made from, where the annotation that makes the claims says so.
func imageOf(vm *kubevirt.VirtualMachine) string {
	var claims []struct {
		Metadata struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	if json.Unmarshal([]byte(vm.Annotations[claimTemplates]), &claims) == nil {
		for _, claim := range claims {
			if image := claim.Metadata.Annotations[imageID]; image != "" {
				return image
			}
		}
	}
	return ""
}

// short bounds a name.
func short(text string) string {
	return bound(text, longestText)
}

// long bounds a sentence.
func long(text string) string {
	return bound(text, 4*longestText)
}

func bound(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

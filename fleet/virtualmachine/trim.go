package virtualmachine

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/kubevirt"
)

// osName is the name under which Harvester's clients write the guest's system.
const osName = "harvesterhci.io/os"

// machine is what is kept of a virtual machine.
type machine struct {
	VM *kubevirt.VirtualMachine `json:"vm"`
	// OS is what the owner says that the guest runs.
	OS string `json:"os,omitempty"`
	// Image is the image of the first disk.
	Image string `json:"image,omitempty"`
	// Hostname is the name that the guest is given, empty where it is the machine's.
	Hostname string `json:"hostname,omitempty"`
	// Disks are counted, and Storage is how much they ask for in bytes, where that is known.
	Disks   int64 `json:"disks,omitempty"`
	Storage int64 `json:"storage,omitempty"`
	// Networks are the attachments in full, and pod for the network of pods.
	Networks []string `json:"networks,omitempty"`
	// MACs are the hardware addresses that are given.
	MACs []string `json:"macs,omitempty"`
}

// instance is what is kept of a virtual machine's instance.
type instance struct {
	VMI *kubevirt.VirtualMachineInstance `json:"vmi"`
	// CPU and Memory are what the instance really has, also when they came from an instance type.
	CPU    int64 `json:"cpu,omitempty"`
	Memory int64 `json:"memory,omitempty"`
	// Storage is what its volumes really have in bytes.
	Storage int64 `json:"storage,omitempty"`
	// MACs are the hardware addresses that it really has.
	MACs []string `json:"macs,omitempty"`
}

// trimMachine keeps of a virtual machine what its state, its size and its looks depend on.
func trimMachine(object []byte) ([]byte, error) {
	var vm readMachine
	if err := json.Unmarshal(object, &vm); err != nil {
		return nil, fmt.Errorf("read a virtual machine: %w", err)
	}
	claims := claimsOf(vm.ObjectMeta)
	kept := machine{VM: &kubevirt.VirtualMachine{ObjectMeta: trimMeta(vm.ObjectMeta)}, OS: index.Short(osOf(vm.ObjectMeta)), Image: index.Short(imageOf(claims))}
	kept.VM.Spec.Running = vm.Spec.Running
	if vm.Spec.RunStrategy != nil {
		kept.VM.Spec.RunStrategy = ptr.To(index.Short(*vm.Spec.RunStrategy))
	}
	if vm.Spec.Template != nil {
		kept.VM.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
		kept.VM.Spec.Template.Spec.Domain = vm.Spec.Template.Spec.Domain.kept()
		kept.Hostname, kept.Networks, kept.MACs = index.Short(vm.Spec.Template.Spec.Hostname), networksOf(&vm), macsOf(&vm)
		kept.Disks, kept.Storage = disksOf(&vm, claims)
	}
	kept.VM.Status.PrintableStatus = index.Short(vm.Status.PrintableStatus)
	if failure := vm.Status.StartFailure; failure != nil {
		kept.VM.Status.StartFailure = &kubevirt.StartFailure{ConsecutiveFailCount: failure.ConsecutiveFailCount}
	}
	said := &kubevirt.VirtualMachine{Status: kubevirt.VirtualMachineStatus{Conditions: vm.Status.Conditions}}
	for _, kind := range []kubevirt.ConditionType{kubevirt.ConditionFailure, kubevirt.ConditionRestartRequired} {
		if condition := kubevirt.ConditionOf(said, kind); condition != nil {
			kept.VM.Status.Conditions = append(kept.VM.Status.Conditions, kubevirt.VirtualMachineCondition{
				Type: condition.Type, Status: index.Short(condition.Status), Reason: index.Short(condition.Reason), Message: index.Long(condition.Message),
			})
		}
	}
	return json.Marshal(kept)
}

// trimInstance keeps of an instance what its state and its looks depend on.
func trimInstance(object []byte) ([]byte, error) {
	var vmi readInstance
	if err := json.Unmarshal(object, &vmi); err != nil {
		return nil, fmt.Errorf("read a virtual machine instance: %w", err)
	}
	kept := instance{VMI: &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: vmi.DeletionTimestamp}}}
	domain := vmi.Spec.Domain.kept()
	kept.CPU, kept.Memory = cpuOf(&domain), memoryOf(&domain)
	kept.Storage, kept.MACs = storageOf(vmi.Status.VolumeStatus), macsSeen(vmi.Status.Interfaces)
	status := &kept.VMI.Status
	status.Phase, status.NodeName = index.Short(vmi.Status.Phase), index.Short(vmi.Status.NodeName)
	status.GuestOSInfo.PrettyName = index.Short(vmi.Status.GuestOSInfo.PrettyName)
	status.MigrationState = vmi.Status.MigrationState.kept()
	if addresses := addressesOf(vmi.Status.Interfaces); len(addresses) > 0 {
		status.Interfaces = []kubevirt.VirtualMachineInstanceNetworkInterface{{IPs: addresses}}
	}
	said := &kubevirt.VirtualMachineInstance{Status: kubevirt.VirtualMachineInstanceStatus{Conditions: vmi.Status.Conditions}}
	for _, kind := range []kubevirt.InstanceConditionType{kubevirt.InstancePaused, kubevirt.InstanceSynchronized, kubevirt.InstanceConditionPodScheduled} {
		if condition := kubevirt.InstanceConditionOf(said, kind); condition != nil {
			status.Conditions = append(status.Conditions, kubevirt.VirtualMachineInstanceCondition{
				Type: condition.Type, Status: index.Short(condition.Status), Reason: index.Short(condition.Reason), Message: index.Long(condition.Message),
			})
		}
	}
	return json.Marshal(kept)
}

func trimMeta(meta metav1.ObjectMeta) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		UID: index.Short(meta.UID), CreationTimestamp: meta.CreationTimestamp, DeletionTimestamp: meta.DeletionTimestamp, Labels: index.LabelsOf(meta.Labels),
	}
}

// addressesOf are the addresses that the guest or the node reports. Loopback addresses stay: under a simulated node they
// lead to the guest.
func addressesOf(cards []kubevirt.VirtualMachineInstanceNetworkInterface) []string {
	var texts []string
	for _, card := range cards {
		texts = append(append(texts, card.IP), card.IPs...)
	}
	return index.IPs(texts)
}

// osOf is what the owner says that the guest runs.
func osOf(meta metav1.ObjectMeta) string {
	if text := meta.Labels[osName]; text != "" {
		return text
	}
	return meta.Annotations[osName]
}

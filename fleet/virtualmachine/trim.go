package virtualmachine

import (
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/kubevirt"
)

// osName is the name under which Harvester's clients write the guest's system.
const osName = "harvesterhci.io/os"

// machine is what is kept of a virtual machine. There is one for each row, so that its names are short.
type machine struct {
	index.Meta
	// Strategy and Running say whether it is meant to run.
	Strategy kubevirt.RunStrategy `json:"strategy,omitempty"`
	Running  *bool                `json:"running,omitempty"`
	// Status is KubeVirt's word.
	Status kubevirt.PrintableStatus `json:"status,omitempty"`
	// Failures is how often it has failed to start, nil if it has not.
	Failures *int `json:"failures,omitempty"`
	// Conditions are those that explain the state.
	Conditions []condition `json:"conditions,omitempty"`
	// CPU and Memory are what it asks for.
	CPU    int64 `json:"cpu,omitempty"`
	Memory int64 `json:"memory,omitempty"`
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
	Phase kubevirt.Phase `json:"phase,omitempty"`
	Node  string         `json:"node,omitempty"`
	// OS is what the guest's agent says that it runs.
	OS string `json:"os,omitempty"`
	// From and To are the nodes of a migration that is under way.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Addresses are what the guest or the node reports.
	Addresses []string `json:"addresses,omitempty"`
	// Conditions are those that explain the state.
	Conditions []condition `json:"conditions,omitempty"`
	// CPU and Memory are what the instance really has, also when they came from an instance type.
	CPU    int64 `json:"cpu,omitempty"`
	Memory int64 `json:"memory,omitempty"`
	// Storage is what its volumes really have in bytes.
	Storage int64 `json:"storage,omitempty"`
	// MACs are the hardware addresses that it really has.
	MACs []string `json:"macs,omitempty"`
}

// condition is as much as is kept of one.
type condition struct {
	Type    string                 `json:"type"`
	Status  corev1.ConditionStatus `json:"status"`
	Message string                 `json:"message,omitempty"`
}

// trimMachine keeps of a virtual machine what its state, its size and its looks depend on.
func trimMachine(object []byte) ([]byte, error) {
	var vm readMachine
	if err := decode.Known(object, &vm); err != nil {
		return nil, fmt.Errorf("read a virtual machine: %w", err)
	}
	claims := claimsOf(vm.Metadata.Annotations)
	kept := machine{
		Meta: vm.Metadata.kept(), OS: index.Short(osOf(&vm.Metadata)), Image: index.Short(imageOf(claims)),
		Running: vm.Spec.Running, Strategy: index.Short(ptr.Deref(vm.Spec.RunStrategy, "")), Status: index.Short(vm.Status.PrintableStatus),
	}
	if vm.Spec.Template != nil {
		hardware := &vm.Spec.Template.Spec.Domain
		kept.CPU, kept.Memory = cpuOf(hardware), memoryOf(hardware)
		kept.Hostname, kept.Networks, kept.MACs = index.Short(vm.Spec.Template.Spec.Hostname), networksOf(&vm), macsOf(&vm)
		kept.Disks, kept.Storage = disksOf(&vm, claims)
	}
	if failure := vm.Status.StartFailure; failure != nil {
		kept.Failures = &failure.ConsecutiveFailCount
	}
	explained := explaining(vm.Status.Conditions, string(kubevirt.ConditionFailure), string(kubevirt.ConditionRestartRequired))
	kept.Conditions = append(explained, lookedAt(&vm)...)
	return json.Marshal(kept)
}

// lookedAt is one condition more of a stopped machine, whichever: by any of them it is known that KubeVirt has looked at
// it. Without one, a machine that is to run is taken as one that is about to start.
func lookedAt(vm *readMachine) []condition {
	if vm.Status.PrintableStatus != kubevirt.StatusStopped || len(vm.Status.Conditions) == 0 {
		return nil
	}
	first := vm.Status.Conditions[0]
	return []condition{{Type: index.Short(first.Type), Status: index.Short(first.Status)}}
}

// trimInstance keeps of an instance what its state and its looks depend on.
func trimInstance(object []byte) ([]byte, error) {
	var vmi readInstance
	if err := decode.Known(object, &vmi); err != nil {
		return nil, fmt.Errorf("read a virtual machine instance: %w", err)
	}
	kept := instance{
		Phase: index.Short(vmi.Status.Phase), Node: index.Short(vmi.Status.NodeName), OS: index.Short(vmi.Status.GuestOSInfo.PrettyName),
		Addresses: addressesOf(vmi.Status.Interfaces), CPU: cpuOf(&vmi.Spec.Domain), Memory: memoryOf(&vmi.Spec.Domain),
		Storage: storageOf(vmi.Status.VolumeStatus), MACs: macsSeen(vmi.Status.Interfaces),
	}
	if migration := vmi.Status.MigrationState; migration != nil && migration.EndTimestamp == nil {
		kept.From, kept.To = index.Short(migration.SourceNode), index.Short(migration.TargetNode)
	}
	kept.Conditions = explaining(
		vmi.Status.Conditions,
		string(kubevirt.InstancePaused), string(kubevirt.InstanceSynchronized), string(kubevirt.InstanceConditionPodScheduled),
	)
	return json.Marshal(kept)
}

// explaining are the conditions of some types, the first of each.
func explaining(said []condition, types ...string) (kept []condition) {
	for _, kind := range types {
		if at := slices.IndexFunc(said, func(c condition) bool { return c.Type == kind }); at >= 0 {
			kept = append(kept, condition{kind, index.Short(said[at].Status), index.Long(said[at].Message)})
		}
	}
	return kept
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
func osOf(meta *metadata) string {
	if text := meta.Labels[osName]; text != "" {
		return text
	}
	return meta.Annotations.OS
}

package virtualmachine

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// ResizeInput says how large a machine is to become.
type ResizeInput struct {
	// Sockets is the number of processors; left out, it stays.
	Sockets uint32 `json:"sockets,omitempty"`
	// Memory is what the guest is to have, such as 4Gi; left out, it stays.
	Memory string `json:"memory,omitempty"`
}

// plugAlignment is what KubeVirt asks memory to be a multiple of that it plugs in.
const plugAlignment = 2 << 20

// cpuAndMemoryHotplug gives a running machine more processors and memory. KubeVirt plugs them in by a migration.
func cpuAndMemoryHotplug(ctx context.Context, caller capability.Caller, m Machine, input ResizeInput) error {
	if input == (ResizeInput{}) {
		return capability.Refuse("sockets", "Say how many sockets or how much memory the machine is to have.")
	}
	return amend(ctx, caller.Client, m, func(vm *kubevirt.VirtualMachine) ([]step, error) {
		now := m
		now.VM = vm
		processors, err := moreProcessors(now, input.Sockets)
		if err != nil {
			return nil, err
		}
		memory, err := moreMemory(now, input.Memory)
		return append(processors, memory...), err
	})
}

// moreProcessors are the steps to a number of sockets; 0 is what there is. The limit is that of the largest size: KubeVirt
// would have the machine restarted for another one.
func moreProcessors(m Machine, sockets uint32) ([]step, error) {
	spec := hardware(m.VM)
	has := socketsOf(spec.Domain.CPU)
	most := mostSockets(m)
	switch {
	case sockets == 0 || sockets == has:
		return nil, nil
	case sockets < has:
		return nil, capability.Refuse("sockets", "The machine has %d sockets, of which none can be taken away while it runs.", has)
	case most > 0 && sockets > most:
		return nil, capability.Refuse("sockets", "The machine can have %d sockets at most while it runs.", most)
	}
	return []step{{Op: "add", Path: atProcessor + "/sockets", Value: sockets}}, nil
}

// moreMemory are the steps to an amount of memory; "" is what there is.
func moreMemory(m Machine, text string) ([]step, error) {
	if text == "" {
		return nil, nil
	}
	wanted, err := resource.ParseQuantity(text)
	if err != nil {
		return nil, capability.Refuse("memory", "%s is no amount of memory such as 4Gi.", text)
	}
	spec := hardware(m.VM)
	if spec.Domain.Memory == nil || spec.Domain.Memory.Guest == nil {
		return nil, capability.Refuse("memory", "The machine does not say how much memory its guest has.")
	}
	has := *spec.Domain.Memory.Guest
	if wanted.Cmp(has) == 0 {
		return nil, nil
	}
	if err := memoryFits(m, wanted); err != nil {
		return nil, err
	}
	return []step{{Op: "replace", Path: atMemory + "/guest", Value: wanted.String()}}, nil
}

// memoryFits refuses an amount of memory that KubeVirt would not plug in.
func memoryFits(m Machine, wanted resource.Quantity) error {
	least, most := *hardware(m.VM).Domain.Memory.Guest, mostMemory(m)
	if m.VMI != nil && m.VMI.Status.Memory != nil && m.VMI.Status.Memory.GuestAtBoot != nil {
		least = *m.VMI.Status.Memory.GuestAtBoot
	}
	switch {
	case wanted.Value()%plugAlignment != 0:
		return capability.Refuse("memory", "%s is not a multiple of 2Mi, in which memory comes.", wanted.String())
	case wanted.Cmp(least) < 0:
		return capability.Refuse("memory", "The machine was started with %s, of which none can be taken away while it runs.", least.String())
	case most == nil:
		return capability.Refuse("memory",
			"The machine can get no memory while it runs: KubeVirt gives it only to machines that were started with 1Gi at least.")
	case wanted.Cmp(*most) > 0:
		return capability.Refuse("memory", "The machine can have %s at most while it runs.", most.String())
	default:
		return nil
	}
}

// mostSockets is the number of sockets that a machine can have, 0 when nothing says so. The running instance knows best:
// what the machine declares may have been written since it was started. More than the limit comes to nothing.
func mostSockets(m Machine) uint32 {
	spec, most := hardware(m.VM), uint32(0)
	if spec.Domain.CPU != nil {
		most = spec.Domain.CPU.MaxSockets
	}
	if m.VMI != nil && m.VMI.Spec.Domain.CPU != nil {
		most = m.VMI.Spec.Domain.CPU.MaxSockets
	}
	if limit, given := spec.Domain.Resources.Limits[corev1.ResourceCPU]; given && (most == 0 || limit.Value() < int64(most)) {
		most = uint32(limit.Value())
	}
	return most
}

// mostMemory is the memory that a guest can have, nil when it can have no other.
func mostMemory(m Machine) *resource.Quantity {
	spec, memory := hardware(m.VM), hardware(m.VM).Domain.Memory
	if m.VMI != nil && m.VMI.Spec.Domain.Memory != nil {
		memory = m.VMI.Spec.Domain.Memory
	}
	if memory == nil || memory.MaxGuest == nil {
		return nil
	}
	if limit, given := spec.Domain.Resources.Limits[corev1.ResourceMemory]; given && limit.Cmp(*memory.MaxGuest) < 0 {
		return &limit
	}
	return memory.MaxGuest
}

func socketsOf(cpu *kubevirt.CPU) uint32 {
	if cpu == nil {
		return 1
	}
	return max(cpu.Sockets, 1)
}

func unlessResizable(m Machine) string {
	cpu := hardware(m.VM).Domain.CPU
	switch {
	case m.VM.Annotations[harvesterv1.AnnotationHotplug] != "true":
		return "The machine's size is fixed while it runs: its annotation " + harvesterv1.AnnotationHotplug + " is not true."
	case m.VM.Spec.Instancetype != nil:
		return "The machine's size is that of its instance type."
	case cpu == nil:
		return "The machine does not say what processors it has."
	case max(cpu.Cores, 1) != 1 || max(cpu.Threads, 1) != 1:
		return fmt.Sprintf("The machine has %d cores with %d threads in each socket. Only a machine with one of each gets more "+
			"sockets while it runs.", max(cpu.Cores, 1), max(cpu.Threads, 1))
	}
	for _, unless := range []func(Machine) string{unlessAwake, unlessChangeable, unlessSettled, unlessMovable} {
		if sentence := unless(m); sentence != "" {
			return sentence
		}
	}
	return ""
}

// unlessSettled refuses a change of size while another one is still to take effect.
func unlessSettled(m Machine) string {
	restart := kubevirt.ConditionOf(m.VM, kubevirt.ConditionRestartRequired)
	switch {
	case restart != nil && restart.Status == corev1.ConditionTrue:
		return "Changes of the machine wait for a restart. Restart it first."
	case kubevirt.InstanceConditionOf(m.VMI, kubevirt.InstanceProcessorsChange) != nil,
		kubevirt.InstanceIs(m.VMI, kubevirt.InstanceMemoryChange):
		return "The machine is still getting the size that was asked for before."
	default:
		return ""
	}
}

package kubevirt

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// ConditionType names a condition of a VirtualMachine.
type ConditionType = kubevirtv1.VirtualMachineConditionType

// InstanceConditionType names a condition of a VirtualMachineInstance.
type InstanceConditionType = kubevirtv1.VirtualMachineInstanceConditionType

// InstanceConditionPodScheduled is the condition of a machine's pod that KubeVirt copies to the instance.
const InstanceConditionPodScheduled = InstanceConditionType(corev1.PodScheduled)

// ConditionOf finds a condition of a machine, nil when it has none of that type.
func ConditionOf(vm *VirtualMachine, kind ConditionType) *VirtualMachineCondition {
	for i := range vm.Status.Conditions {
		if vm.Status.Conditions[i].Type == kind {
			return &vm.Status.Conditions[i]
		}
	}
	return nil
}

// InstanceConditionOf finds a condition of an instance, nil when there is no instance or none of that type.
func InstanceConditionOf(vmi *VirtualMachineInstance, kind InstanceConditionType) *VirtualMachineInstanceCondition {
	if vmi == nil {
		return nil
	}
	for i := range vmi.Status.Conditions {
		if vmi.Status.Conditions[i].Type == kind {
			return &vmi.Status.Conditions[i]
		}
	}
	return nil
}

// InstanceIs says whether a condition of an instance is true.
func InstanceIs(vmi *VirtualMachineInstance, kind InstanceConditionType) bool {
	condition := InstanceConditionOf(vmi, kind)
	return condition != nil && condition.Status == corev1.ConditionTrue
}

// Migrating says whether an instance is on its way to another node now.
func Migrating(vmi *VirtualMachineInstance) bool {
	if vmi == nil || vmi.Status.MigrationState == nil {
		return false
	}
	state := vmi.Status.MigrationState
	return state.StartTimestamp != nil && state.EndTimestamp == nil
}

// Active says whether an instance exists that has not ended.
func Active(vmi *VirtualMachineInstance) bool {
	return vmi != nil && !vmi.IsFinal()
}

// StrategyOf is a machine's run strategy, also when it is written in the older field "running". A machine that has
// neither, or both, counts as halted: KubeVirt's webhook lets neither in.
func StrategyOf(vm *VirtualMachine) RunStrategy {
	strategy, err := vm.RunStrategy()
	if err != nil || strategy == "" {
		return RunStrategyHalted
	}
	return strategy
}

// Ended says whether KubeVirt itself knows that the last run of a halted machine is over. A machine that gets the run
// strategy RerunOnFailure or Once before is taken for one whose run under that strategy has ended, and never started.
func Ended(vm *VirtualMachine) bool {
	return !vm.Status.Created && (vm.Status.RunStrategy == "" || vm.Status.RunStrategy == RunStrategyHalted)
}

// Wanted says whether KubeVirt keeps the machine running by itself.
func Wanted(vm *VirtualMachine) bool {
	switch StrategyOf(vm) {
	case RunStrategyAlways, RunStrategyRerunOnFailure, RunStrategyOnce:
		return true
	default:
		return false
	}
}

// AboutToStart says whether somebody has asked for a run that has not begun.
func AboutToStart(vm *VirtualMachine) bool {
	return slices.ContainsFunc(vm.Status.StateChangeRequests, func(asked StateChangeRequest) bool { return asked.Action == StartRequest })
}

// Coming says whether a machine is to run: KubeVirt keeps it running by itself, or has been asked to start it.
func Coming(vm *VirtualMachine) bool {
	return Wanted(vm) || AboutToStart(vm)
}

// MachineOf is the machine whose guest runs in a pod, "" for a pod of anything else.
func MachineOf(pod *corev1.Pod) string {
	return pod.Annotations[kubevirtv1.DomainAnnotation]
}

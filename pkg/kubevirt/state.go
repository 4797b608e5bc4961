package kubevirt

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// State is what a person is told about a machine: one word, what kind of word it is, and a sentence when there is more
// to say.
type State struct {
	// Name is one of KubeVirt's words, such as Running, Stopped, Starting or ErrorUnschedulable.
	Name string
	// Transitioning says that the state will change without anybody doing anything.
	Transitioning bool
	// Error says that a person must look.
	Error bool
	// Message explains the word, and is empty when the word says it all.
	Message string
}

// StateOf says what state a machine is in. The instance is nil when there is none, or when nobody could read it; it
// only adds sentences.
//
// The word is KubeVirt's printableStatus. Whoever watches machines and instances hears of both at different times, and
// an instance that is heard of late would keep a row wrong until the next event; KubeVirt writes its word last, so the
// word wins.
func StateOf(vm *VirtualMachine, vmi *VirtualMachineInstance) State {
	name := statusOf(vm)
	state := State{Name: string(name), Transitioning: transitioning[name], Error: failing[name]}
	state.Message = messageOf(name, vm, vmi)
	failure := ConditionOf(vm, ConditionFailure)
	if failure != nil && failure.Status == corev1.ConditionTrue && name != StatusRunning {
		state.Error, state.Message = true, failure.Message
	}
	return state
}

// transitioning are the words of a state that passes.
var transitioning = map[PrintableStatus]bool{
	StatusProvisioning:            true,
	StatusStarting:                true,
	StatusStopping:                true,
	StatusTerminating:             true,
	StatusMigrating:               true,
	StatusWaitingForVolumeBinding: true,
	StatusWaitingForReceiver:      true,
}

// failing are the words of a state that a person must look at.
var failing = map[PrintableStatus]bool{
	StatusCrashLoopBackOff: true,
	StatusUnknown:          true,
	StatusUnschedulable:    true,
	StatusErrImagePull:     true,
	StatusImagePullBackOff: true,
	StatusPvcNotFound:      true,
	StatusDataVolumeError:  true,
}

// statusOf is KubeVirt's word, or the one it is going to say.
func statusOf(vm *VirtualMachine) PrintableStatus {
	if vm.DeletionTimestamp != nil {
		return StatusTerminating
	}
	if seen(vm) {
		return vm.Status.PrintableStatus
	}
	if Wanted(vm) {
		return StatusStarting
	}
	return StatusStopped
}

// seen says whether KubeVirt has looked at a machine. "Stopped" alone does not tell: it is the field's default.
func seen(vm *VirtualMachine) bool {
	switch vm.Status.PrintableStatus {
	case "":
		return false
	case StatusStopped:
		return len(vm.Status.Conditions) > 0
	default:
		return true
	}
}

// messageOf is the sentence behind a word.
func messageOf(name PrintableStatus, vm *VirtualMachine, vmi *VirtualMachineInstance) string {
	switch name {
	case StatusMigrating:
		return migrationMessage(vmi)
	case StatusUnschedulable:
		return instanceMessage(vmi, InstanceConditionPodScheduled)
	case StatusStarting:
		if refused := InstanceConditionOf(vmi, InstanceSynchronized); refused != nil && refused.Status == corev1.ConditionFalse {
			return refused.Message
		}
	case StatusErrImagePull, StatusImagePullBackOff, StatusPvcNotFound:
		return instanceMessage(vmi, InstanceSynchronized)
	case StatusCrashLoopBackOff:
		return crashMessage(vm)
	case StatusRunning:
		if restart := ConditionOf(vm, ConditionRestartRequired); restart != nil && restart.Status == corev1.ConditionTrue {
			return "Changes take effect after a restart."
		}
	}
	return ""
}

func instanceMessage(vmi *VirtualMachineInstance, kind InstanceConditionType) string {
	if condition := InstanceConditionOf(vmi, kind); condition != nil {
		return condition.Message
	}
	return ""
}

func migrationMessage(vmi *VirtualMachineInstance) string {
	if vmi == nil || vmi.Status.MigrationState == nil || vmi.Status.MigrationState.TargetNode == "" {
		return ""
	}
	return fmt.Sprintf("From %s to %s.", vmi.Status.MigrationState.SourceNode, vmi.Status.MigrationState.TargetNode)
}

func crashMessage(vm *VirtualMachine) string {
	if vm.Status.StartFailure == nil {
		return ""
	}
	return fmt.Sprintf("Failed to start %d times in a row.", vm.Status.StartFailure.ConsecutiveFailCount)
}

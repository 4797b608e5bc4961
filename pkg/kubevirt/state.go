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

// StateOf says what state a machine is in. The instance is nil when there is none, or when nobody could read it: the
// word then is KubeVirt's last one.
//
// KubeVirt's printableStatus is written after the facts, so a fresher fact in the instance wins over it.
func StateOf(vm *VirtualMachine, vmi *VirtualMachineInstance) State {
	name := vm.Status.PrintableStatus
	if fresh := statusOf(vm, vmi); fresh != "" {
		name = fresh
	}
	if name == "" {
		name = StatusStopped
		if Wanted(vm) {
			name = StatusStarting
		}
	}
	state := State{Name: string(name), Transitioning: transitioning[name], Error: failing[name]}
	state.Message = messageOf(name, vm, vmi)
	if failure := ConditionOf(vm, ConditionFailure); failure != nil && failure.Status == corev1.ConditionTrue && name != StatusRunning {
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

// statusOf is the word that the objects themselves give, in KubeVirt's own order of precedence, or "" where only
// KubeVirt can tell.
func statusOf(vm *VirtualMachine, vmi *VirtualMachineInstance) PrintableStatus {
	switch {
	case vm.DeletionTimestamp != nil:
		return StatusTerminating
	case vmi == nil || vmi.IsFinal():
		return ""
	case vmi.DeletionTimestamp != nil:
		return StatusStopping
	case vmi.Status.Phase == PhaseUnknown:
		return StatusUnknown
	case !vmi.IsRunning():
		return ""
	case vm.Status.PrintableStatus == StatusStopping:
		return StatusStopping
	case Migrating(vmi):
		return StatusMigrating
	case InstanceIs(vmi, InstancePaused):
		return StatusPaused
	default:
		return StatusRunning
	}
}

// messageOf is the sentence behind a word.
func messageOf(name PrintableStatus, vm *VirtualMachine, vmi *VirtualMachineInstance) string {
	switch name {
	case StatusMigrating:
		return migrationMessage(vmi)
	case StatusUnschedulable:
		return instanceMessage(vmi, InstanceConditionPodScheduled)
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

package kubevirt_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/kubevirt"
)

func TestStateOf(t *testing.T) {
	now := metav1.Now()
	cases := map[string]struct {
		reason string
		vm     kubevirt.VirtualMachine
		vmi    *kubevirt.VirtualMachineInstance
		want   kubevirt.State
	}{
		"Running": {
			reason: "the usual state needs no sentence",
			vm:     machine(kubevirt.StatusRunning),
			vmi:    instance(kubevirt.PhaseRunning),
			want:   kubevirt.State{Name: "Running"},
		},
		"NewAndWanted": {
			reason: "KubeVirt has not looked yet, but will start the machine",
			vm:     machine(""),
			want:   kubevirt.State{Name: "Starting", Transitioning: true},
		},
		"NewAndHalted": {
			reason: "KubeVirt has not looked yet and has nothing to do",
			vm:     machine("", halted),
			want:   kubevirt.State{Name: "Stopped"},
		},
		"DefaultedAndWanted": {
			reason: "the API server's default is not KubeVirt's word",
			vm:     machine(kubevirt.StatusStopped),
			want:   kubevirt.State{Name: "Starting", Transitioning: true},
		},
		"StoppedFromInside": {
			reason: "KubeVirt has looked and leaves a machine off that its guest switched off",
			vm:     machine(kubevirt.StatusStopped, looked),
			want:   kubevirt.State{Name: "Stopped"},
		},
		"NoInstanceRead": {
			reason: "without an instance KubeVirt's word stands, whatever it is",
			vm:     machine(kubevirt.StatusPaused),
			want:   kubevirt.State{Name: "Paused"},
		},
		"StaleInstance": {
			reason: "an instance that is heard of late does not overrule KubeVirt",
			vm:     machine(kubevirt.StatusRunning),
			vmi:    instance(kubevirt.PhaseRunning, with(kubevirt.InstancePaused, "")),
			want:   kubevirt.State{Name: "Running"},
		},
		"Stopping": {
			reason: "on its way down",
			vm:     machine(kubevirt.StatusStopping, halted),
			want:   kubevirt.State{Name: "Stopping", Transitioning: true},
		},
		"NodeLost": {
			reason: "nobody knows what the machine does",
			vm:     machine(kubevirt.StatusUnknown),
			want:   kubevirt.State{Name: "Unknown", Error: true},
		},
		"Refused": {
			reason: "a machine that starts says what is in the way of its pod",
			vm:     machine(kubevirt.StatusStarting),
			vmi: instance(kubevirt.PhasePending, func(vmi *kubevirt.VirtualMachineInstance) {
				vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{
					{Type: kubevirt.InstanceSynchronized, Status: corev1.ConditionFalse, Message: "exceeded quota: small"},
				}
			}),
			want: kubevirt.State{Name: "Starting", Transitioning: true, Message: "exceeded quota: small"},
		},
		"Migrating": {
			reason: "a migration under way says from where to where",
			vm:     machine(kubevirt.StatusMigrating),
			vmi: instance(kubevirt.PhaseRunning, func(vmi *kubevirt.VirtualMachineInstance) {
				vmi.Status.MigrationState = &kubevirt.MigrationState{StartTimestamp: &now, SourceNode: "a", TargetNode: "b"}
			}),
			want: kubevirt.State{Name: "Migrating", Transitioning: true, Message: "From a to b."},
		},
		"Terminating": {
			reason: "a machine that is being deleted is nothing else",
			vm: machine(kubevirt.StatusRunning, func(vm *kubevirt.VirtualMachine) {
				vm.DeletionTimestamp = &now
			}),
			vmi:  instance(kubevirt.PhaseRunning),
			want: kubevirt.State{Name: "Terminating", Transitioning: true},
		},
		"Unschedulable": {
			reason: "the scheduler's sentence is the useful one",
			vm:     machine(kubevirt.StatusUnschedulable),
			vmi:    instance(kubevirt.PhaseScheduling, with(kubevirt.InstanceConditionPodScheduled, "0/3 nodes are available")),
			want:   kubevirt.State{Name: "ErrorUnschedulable", Error: true, Message: "0/3 nodes are available"},
		},
		"CrashLoop": {
			reason: "how often matters more than the last time",
			vm: machine(kubevirt.StatusCrashLoopBackOff, func(vm *kubevirt.VirtualMachine) {
				vm.Status.StartFailure = &kubevirt.StartFailure{ConsecutiveFailCount: 3}
			}),
			want: kubevirt.State{Name: "CrashLoopBackOff", Error: true, Message: "Failed to start 3 times in a row."},
		},
		"FailedCreate": {
			reason: "a machine that cannot get an instance says why",
			vm: machine(kubevirt.StatusStarting, func(vm *kubevirt.VirtualMachine) {
				vm.Status.Conditions = []kubevirt.VirtualMachineCondition{{
					Type: kubevirt.ConditionFailure, Status: corev1.ConditionTrue, Message: "exceeded quota",
				}}
			}),
			want: kubevirt.State{Name: "Starting", Transitioning: true, Error: true, Message: "exceeded quota"},
		},
		"RestartRequired": {
			reason: "a change that waits for a restart is told",
			vm: machine(kubevirt.StatusRunning, func(vm *kubevirt.VirtualMachine) {
				vm.Status.Conditions = []kubevirt.VirtualMachineCondition{{
					Type: kubevirt.ConditionRestartRequired, Status: corev1.ConditionTrue,
				}}
			}),
			vmi:  instance(kubevirt.PhaseRunning),
			want: kubevirt.State{Name: "Running", Message: "Changes take effect after a restart."},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, kubevirt.StateOf(&tc.vm, tc.vmi)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestStrategyOf(t *testing.T) {
	cases := map[string]struct {
		reason string
		spec   kubevirt.VirtualMachineSpec
		want   kubevirt.RunStrategy
	}{
		"New":     {"the field of today", kubevirt.VirtualMachineSpec{RunStrategy: ptr.To(kubevirt.RunStrategyManual)}, kubevirt.RunStrategyManual},
		"Running": {"the older field, on", kubevirt.VirtualMachineSpec{Running: ptr.To(true)}, kubevirt.RunStrategyAlways},
		"Halted":  {"the older field, off", kubevirt.VirtualMachineSpec{Running: ptr.To(false)}, kubevirt.RunStrategyHalted},
		"Neither": {"nothing is wanted, so nothing runs", kubevirt.VirtualMachineSpec{}, kubevirt.RunStrategyHalted},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := kubevirt.StrategyOf(&kubevirt.VirtualMachine{Spec: tc.spec})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func halted(vm *kubevirt.VirtualMachine) {
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyHalted)
}

func looked(vm *kubevirt.VirtualMachine) {
	vm.Status.Conditions = []kubevirt.VirtualMachineCondition{{Type: kubevirt.ConditionReady, Status: corev1.ConditionFalse}}
}

func machine(status kubevirt.PrintableStatus, changes ...func(*kubevirt.VirtualMachine)) kubevirt.VirtualMachine {
	vm := kubevirt.VirtualMachine{}
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyRerunOnFailure)
	vm.Status.PrintableStatus = status
	for _, change := range changes {
		change(&vm)
	}
	return vm
}

func instance(phase kubevirt.Phase, changes ...func(*kubevirt.VirtualMachineInstance)) *kubevirt.VirtualMachineInstance {
	vmi := &kubevirt.VirtualMachineInstance{}
	vmi.Status.Phase = phase
	for _, change := range changes {
		change(vmi)
	}
	return vmi
}

func with(kind kubevirt.InstanceConditionType, message string) func(*kubevirt.VirtualMachineInstance) {
	return func(vmi *kubevirt.VirtualMachineInstance) {
		vmi.Status.Conditions = append(vmi.Status.Conditions, kubevirt.VirtualMachineInstanceCondition{
			Type: kind, Status: corev1.ConditionTrue, Message: message,
		})
	}
}

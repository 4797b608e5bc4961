package halt

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/kubevirt"
)

const refusal = `failed to create virtual machine pod: pods "virt-launcher-web-2kqnr" is forbidden: exceeded quota: default-r5pw6, ` +
	`requested: limits.memory=26101153793, used: limits.memory=0, limited: limits.memory=24Gi`

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// machine is one that is to run, whose conditions say something.
func machine(says string, changes ...func(*kubevirt.VirtualMachine)) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{}
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyRerunOnFailure)
	vm.Status.Conditions = []kubevirt.VirtualMachineCondition{{Type: "Synchronized", Status: corev1.ConditionFalse, Message: says}}
	for _, change := range changes {
		change(vm)
	}
	return vm
}

// instance is one that is waiting for its pod, and has heard something for a while.
func instance(says string, since time.Duration, changes ...func(*kubevirt.VirtualMachineInstance)) *kubevirt.VirtualMachineInstance {
	vmi := &kubevirt.VirtualMachineInstance{}
	vmi.Status.Phase = kubevirt.PhasePending
	if says != "" {
		vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{{
			Type: kubevirt.InstanceSynchronized, Status: corev1.ConditionFalse, Message: says, LastTransitionTime: metav1.NewTime(now.Add(-since)),
		}}
	}
	for _, change := range changes {
		change(vmi)
	}
	return vmi
}

func TestJudge(t *testing.T) {
	const off = "The namespace has no room for the machine, so it was switched off (exceeded quota: default-r5pw6, " +
		"requested: limits.memory=26101153793, used: limits.memory=0, limited: limits.memory=24Gi). " +
		"Make room or have the quota made larger, then start it."
	gone := ptr.To(metav1.NewTime(now))
	halted := func(vm *kubevirt.VirtualMachine) { vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyHalted) }
	deleted := func(vm *kubevirt.VirtualMachine) { vm.DeletionTimestamp = gone }
	ending := func(vmi *kubevirt.VirtualMachineInstance) { vmi.DeletionTimestamp = gone }
	running := func(vmi *kubevirt.VirtualMachineInstance) { vmi.Status.Phase = kubevirt.PhaseRunning }
	cases := map[string]struct {
		reason string
		vm     *kubevirt.VirtualMachine
		vmi    *kubevirt.VirtualMachineInstance
		want   Verdict
	}{
		"Refused":   {"it would be refused for ever", machine(refusal), instance(refusal, time.Minute), Verdict{Sentence: off}},
		"JustNow":   {"its own last run may be what is in the way", machine(refusal), instance(refusal, 10*time.Second), Verdict{Wait: 20 * time.Second}},
		"Earlier":   {"what was said of an earlier run is no word of this one", machine(refusal), instance("", 0), Verdict{Wait: patience}},
		"Between":   {"between two runs there is nothing to say", machine(refusal), nil, Verdict{Wait: patience}},
		"Ending":    {"nor while one ends", machine(refusal), instance(refusal, time.Minute, ending), Verdict{Wait: patience}},
		"Other":     {"what else is in the way passes, or is told elsewhere", machine("no node"), instance("no node", time.Minute), Verdict{}},
		"OtherNow":  {"also when it was the quota before", machine(refusal), instance("no node", time.Minute), Verdict{Wait: patience}},
		"Running":   {"a machine that runs may not get a disk for want of room; it runs on", machine(refusal), instance(refusal, time.Minute, running), Verdict{}},
		"Halted":    {"what is off is off", machine(refusal, halted), instance(refusal, time.Minute), Verdict{}},
		"Deleted":   {"what goes goes", machine(refusal, deleted), instance(refusal, time.Minute), Verdict{}},
		"Untouched": {"and most machines have never heard of a quota", machine(""), nil, Verdict{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Judge(tc.vm, tc.vmi, now); got != tc.want {
				t.Errorf("%s: want %+v, got %+v", tc.reason, tc.want, got)
			}
		})
	}
}

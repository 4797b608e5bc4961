package halt

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// patience is how long a machine may be refused before it is switched off. Kubernetes hears late of what has become free:
// a machine that is restarted in a full namespace is refused for a moment, because of its own last run.
const patience = 30 * time.Second

// exceeded is how Kubernetes begins to say what there is no room for.
const exceeded = "exceeded quota"

// Told says whether a machine's own conditions speak of a quota. They may be those of an earlier run.
func Told(vm *kubevirt.VirtualMachine) bool {
	for _, condition := range vm.Status.Conditions {
		if strings.Contains(condition.Message, exceeded) {
			return true
		}
	}
	return false
}

// Verdict is what becomes of a machine.
type Verdict struct {
	// Sentence is why it is switched off, "" when it is not.
	Sentence string
	// Wait is when to look again, 0 when there is nothing to wait for.
	Wait time.Duration
}

// Judge says what becomes of a machine, whose instance is nil when there is none. Only what the instance says counts: it
// is of this run.
func Judge(vm *kubevirt.VirtualMachine, vmi *kubevirt.VirtualMachineInstance, now time.Time) Verdict {
	if vm.DeletionTimestamp != nil || kubevirt.StrategyOf(vm) == kubevirt.RunStrategyHalted || !Told(vm) {
		return Verdict{}
	}
	if vmi == nil || vmi.DeletionTimestamp != nil {
		return Verdict{Wait: patience} // this run is still to begin
	}
	switch vmi.Status.Phase {
	case kubevirt.PhaseUnset, kubevirt.PhasePending:
	default:
		return Verdict{} // it has a pod
	}
	refused := kubevirt.InstanceConditionOf(vmi, kubevirt.InstanceSynchronized)
	if refused == nil || refused.Status != corev1.ConditionFalse || !strings.Contains(refused.Message, exceeded) {
		return Verdict{Wait: patience}
	}
	if left := patience - now.Sub(refused.LastTransitionTime.Time); left > 0 {
		return Verdict{Wait: left}
	}
	return Verdict{Sentence: sentence(refused.Message)}
}

// sentence says to a person what Kubernetes has said to KubeVirt.
func sentence(message string) string {
	_, limits, _ := strings.Cut(message, exceeded)
	return fmt.Sprintf("The namespace has no room for the machine, so it was switched off (%s%s). "+
		"Make room or have the quota made larger, then start it.", exceeded, limits)
}

// over says whether a machine has found room after all, and still says that it has not.
func over(vm *kubevirt.VirtualMachine) bool {
	_, told := vm.Annotations[harvesterv1.AnnotationInsufficientQuota]
	return told && vm.Status.PrintableStatus == kubevirt.StatusRunning
}

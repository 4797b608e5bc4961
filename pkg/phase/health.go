package phase

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Reasons of Ready and Stalled where the run itself names none.
const (
	// ReasonReady says that the run came to its end.
	ReasonReady = "Ready"
	// ReasonProgressing says that it goes on by itself.
	ReasonProgressing = "Progressing"
	// ReasonRetrying says that something failed and is tried again.
	ReasonRetrying = "Retrying"
)

// Health says where a run ended in the two conditions that programs know of kinds of every sort (kstatus): Ready is True
// when it came to its end, and Stalled when something is wrong that only a person can set right. awaited are reasons of
// stalls that are no trouble: somebody is expected to act.
func Health(stopped error, awaited ...string) []harvesterv1.Condition {
	ready := harvesterv1.Condition{Type: harvesterv1.ConditionReady, Status: metav1.ConditionTrue, Reason: ReasonReady}
	stalled := harvesterv1.Condition{Type: harvesterv1.ConditionStalled, Status: metav1.ConditionFalse, Reason: ReasonReady}
	if stopped == nil {
		return []harvesterv1.Condition{ready, stalled}
	}
	ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, ReasonRetrying, stopped.Error()
	stalled.Reason = ReasonProgressing
	if stop, ok := StopOf(stopped); ok {
		ready.Reason = stop.Reason
		if stop.Stalled && !slices.Contains(awaited, stop.Reason) {
			stalled.Status, stalled.Reason, stalled.Message = metav1.ConditionTrue, stop.Reason, stop.Message
		}
	}
	return []harvesterv1.Condition{ready, stalled}
}

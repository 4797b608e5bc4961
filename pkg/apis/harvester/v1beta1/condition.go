package v1beta1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Conditions that programs know of kinds of every sort (kstatus).
const (
	// ConditionReady is True when the object is as its spec wants it.
	ConditionReady = "Ready"
	// ConditionStalled is True when something is wrong that only a person can set right.
	ConditionStalled = "Stalled"
)

// Condition is one thing that is known about an object. It is older than metav1.Condition and has its times as strings;
// clients read type, status, reason and message.
type Condition struct {
	// type names the condition, such as Imported.
	Type string `json:"type"`
	// status is True, False or Unknown.
	Status metav1.ConditionStatus `json:"status"`
	// lastUpdateTime is when the condition was last written, in RFC 3339.
	// +optional
	LastUpdateTime string `json:"lastUpdateTime,omitempty"`
	// lastTransitionTime is when the status last changed, in RFC 3339.
	// +optional
	LastTransitionTime string `json:"lastTransitionTime,omitempty"`
	// reason is one word for programs.
	// +optional
	Reason string `json:"reason,omitempty"`
	// message is a sentence for people.
	// +optional
	Message string `json:"message,omitempty"`
}

// ConditionOf finds a condition by its type, nil when there is none.
func ConditionOf(conditions []Condition, kind string) *Condition {
	for i := range conditions {
		if conditions[i].Type == kind {
			return &conditions[i]
		}
	}
	return nil
}

// ConditionIsTrue says whether there is a condition of that type whose status is True.
func ConditionIsTrue(conditions []Condition, kind string) bool {
	condition := ConditionOf(conditions, kind)
	return condition != nil && condition.Status == metav1.ConditionTrue
}

// SetConditions returns the conditions with each of these in its place, as SetCondition does.
func SetConditions(conditions, wanted []Condition, now time.Time) []Condition {
	for _, condition := range wanted {
		conditions = SetCondition(conditions, condition, now)
	}
	return conditions
}

// SetCondition returns the conditions with this one in its place. Times move only when something changed, so that
// writing the same condition twice is no change.
func SetCondition(conditions []Condition, wanted Condition, now time.Time) []Condition {
	stamp := now.UTC().Format(time.RFC3339)
	wanted.LastUpdateTime, wanted.LastTransitionTime = stamp, stamp
	present := ConditionOf(conditions, wanted.Type)
	if present == nil {
		return append(conditions, wanted)
	}
	if present.Status == wanted.Status {
		wanted.LastTransitionTime = present.LastTransitionTime
		if present.Reason == wanted.Reason && present.Message == wanted.Message {
			return conditions
		}
	}
	*present = wanted
	return conditions
}

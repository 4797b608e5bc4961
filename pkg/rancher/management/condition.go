package management

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Conditions of a Cluster.
const (
	// ConditionConnected follows the tunnel of the cluster's agent.
	ConditionConnected = "Connected"
	// ConditionReady is True while the cluster's API server answers.
	ConditionReady = "Ready"
	// ConditionPending is True once the cluster waits for nobody.
	ConditionPending = "Pending"
	// ConditionProvisioned is True once the cluster exists.
	ConditionProvisioned = "Provisioned"
)

// Condition is Rancher's condition: as Kubernetes' own, with a text as time.
type Condition struct {
	// type names the condition.
	Type string `json:"type"`
	// status is True, False or Unknown.
	Status corev1.ConditionStatus `json:"status"`
	// reason is one word for programs.
	Reason string `json:"reason,omitempty"`
	// message is a sentence for people.
	Message string `json:"message,omitempty"`
	// lastUpdateTime is when the condition was last written, in RFC 3339.
	LastUpdateTime string `json:"lastUpdateTime,omitempty"`
	// lastTransitionTime is when the status last changed, in RFC 3339.
	LastTransitionTime string `json:"lastTransitionTime,omitempty"`
}

// IsTrue tells whether the condition of that type is there and True.
func IsTrue(conditions []Condition, kind string) bool {
	i := index(conditions, kind)

	return i >= 0 && conditions[i].Status == corev1.ConditionTrue
}

// Since is how long the condition of that type has had its status; nothing where
// that is not known.
func Since(conditions []Condition, kind string, now time.Time) time.Duration {
	i := index(conditions, kind)
	if i < 0 {
		return 0
	}

	began, err := time.Parse(time.RFC3339, conditions[i].LastTransitionTime)
	if err != nil {
		return 0
	}

	return now.Sub(began)
}

// SetCondition returns the conditions with this one in place, and whether
// anything but the time is different from before.
func SetCondition(conditions []Condition, want Condition, now time.Time) ([]Condition, bool) {
	stamp := now.UTC().Format(time.RFC3339)
	want.LastUpdateTime, want.LastTransitionTime = stamp, stamp

	i := index(conditions, want.Type)
	if i < 0 {
		return append(slices.Clone(conditions), want), true
	}

	have := conditions[i]
	if have.Status == want.Status && have.Reason == want.Reason && have.Message == want.Message {
		return conditions, false
	}

	if have.Status == want.Status {
		want.LastTransitionTime = have.LastTransitionTime
	}

	result := slices.Clone(conditions)
	result[i] = want

	return result, true
}

func index(conditions []Condition, kind string) int {
	return slices.IndexFunc(conditions, func(c Condition) bool { return c.Type == kind })
}

package keypair

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// State is a key's state in one word.
func State(pair *harvesterv1.KeyPair) capability.State {
	validated := harvesterv1.ConditionOf(pair.Status.Conditions, harvesterv1.KeyPairValidated)
	switch {
	case pair.DeletionTimestamp != nil:
		return capability.State{Name: "Removing", Transitioning: true}
	case validated == nil || validated.Status == metav1.ConditionUnknown:
		return capability.State{Name: "Validating", Transitioning: true}
	case validated.Status == metav1.ConditionFalse:
		return capability.State{Name: "Invalid", Error: true, Message: validated.Message}
	default:
		return capability.State{Name: "Active"}
	}
}

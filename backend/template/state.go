package template

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// State is a version's state in one word.
func State(version *harvesterv1.VirtualMachineTemplateVersion) capability.State {
	if version.DeletionTimestamp != nil {
		return capability.State{Name: "Removing", Transitioning: true}
	}
	for _, kind := range []string{harvesterv1.TemplateVersionAssigned, harvesterv1.TemplateVersionReady} {
		condition := harvesterv1.ConditionOf(version.Status.Conditions, kind)
		if condition == nil {
			return capability.State{Name: "Pending", Transitioning: true}
		}
		if condition.Status != metav1.ConditionTrue {
			return capability.State{Name: "Pending", Transitioning: true, Message: condition.Message}
		}
	}
	return capability.State{Name: "Active"}
}

package setting

import (
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Capability is the settings of a site.
var Capability = capability.Capability{
	Name: "setting",
	Resources: []capability.Resource{{
		Kind:  harvesterv1.SettingKind,
		Read:  capability.As[harvesterv1.Setting](),
		State: capability.Stating(State),
	}},
	Routes:  Routes,
	Scheme:  runtime.SchemeBuilder{harvesterv1.AddToScheme},
	Watched: []capability.Watched{{Object: &harvesterv1.Setting{}}},
}

// State is the word for a setting: Active while its value is in force, Error with the reason when it is not.
func State(setting *harvesterv1.Setting) capability.State {
	configured := harvesterv1.ConditionOf(setting.Status.Conditions, harvesterv1.SettingConfigured)
	if configured != nil && configured.Status == "False" {
		return capability.State{Name: "Error", Error: true, Message: configured.Message}
	}
	registered := harvesterv1.ConditionOf(setting.Status.Conditions, harvesterv1.SettingRegistered)
	if registered != nil && registered.Status == "False" && registered.Message != "" {
		return capability.State{Name: "Error", Error: true, Message: registered.Message}
	}
	if configured != nil && configured.Status == "Unknown" {
		return capability.State{Name: "Active", Message: configured.Message}
	}
	return capability.State{Name: "Active"}
}

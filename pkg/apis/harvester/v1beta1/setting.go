package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SettingConfigured is the condition that says whether the value in force was accepted and acted upon.
const SettingConfigured = "configured"

// SettingRegistered is the condition of cluster-registration-url that says whether the site was joined to a Rancher.
const SettingRegistered = "registered"

// Setting is one knob of the site. Its value is a plain string, a number or JSON, depending on its name; the page of
// the capability "setting" lists all names with defaults and units.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=settings,singular=setting,scope=Cluster
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="VALUE",type=string,JSONPath=`.value`
// +kubebuilder:printcolumn:name="DEFAULT",type=string,priority=1,JSONPath=`.default`
// +kubebuilder:printcolumn:name="CUSTOMIZED",type=boolean,JSONPath=`.customized`
// +kubebuilder:printcolumn:name="CONFIGURED",type=string,JSONPath=`.status.conditions[?(@.type=="configured")].status`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
type Setting struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// value is what a person has set. Default empty: what default says is in force. Unit and form depend on the name. It may
	// change at any time, unless the setting's own rules refuse it.
	// +optional
	Value string `json:"value,omitempty"`
	// default is in force while value is empty. Written by the server at each start.
	// +optional
	Default string `json:"default,omitempty"`
	// customized says that value is set and differs from default. Written by the server.
	// +optional
	Customized bool `json:"customized,omitempty"`
	// source says where the value came from when it was not a person; empty otherwise, which is the default. It may change at
	// any time, and nothing here reads it.
	// +optional
	Source string `json:"source,omitempty"`
	// status is what the server made of the value. Written by the server.
	// +optional
	Status SettingStatus `json:"status,omitempty"`
}

// SettingStatus is what the server made of the value.
type SettingStatus struct {
	// observedGeneration is the metadata.generation of the object that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions: configured is True when what is in force is acted upon, Unknown for a default that nothing here acts on,
	// False with a reason otherwise; Ready and Stalled say the same to programs that wait.
	// +optional
	Conditions []Condition `json:"conditions,omitempty"`
}

// Effective is the value in force: what a person has set, else the default.
func (s *Setting) Effective() string {
	if s.Value != "" {
		return s.Value
	}
	return s.Default
}

// SettingList is a list of Setting.
//
// +kubebuilder:object:root=true
type SettingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Setting `json:"items"`
}

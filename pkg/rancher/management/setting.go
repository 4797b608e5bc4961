package management

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Setting is one value that an administrator may change.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Value",type=string,JSONPath=`.value`
type Setting struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// value is what counts; empty means the default.
	Value string `json:"value"`
	// default is what counts when value is empty.
	Default string `json:"default,omitempty"`
	// customized is true once somebody changed the value.
	Customized bool `json:"customized,omitempty"`
	// source says where the value comes from, such as env.
	Source string `json:"source,omitempty"`
}

// Effective is the value, or the default where there is none.
func (s *Setting) Effective() string {
	if s.Value != "" {
		return s.Value
	}

	return s.Default
}

// SettingList is a list of settings.
//
// +kubebuilder:object:root=true
type SettingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Setting `json:"items"`
}

// Feature switches a part of Rancher on or off.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Custom Value",type=boolean,JSONPath=`.spec.value`
// +kubebuilder:printcolumn:name="Default",type=boolean,JSONPath=`.status.default`
type Feature struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what an administrator chose.
	Spec FeatureSpec `json:"spec,omitempty"`
	// status is what Rancher says about the feature.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status FeatureStatus `json:"status,omitempty"`
}

// FeatureSpec is what an administrator chose.
type FeatureSpec struct {
	// value is the choice; none means the default.
	// +nullable
	Value *bool `json:"value,omitempty"`
}

// FeatureStatus is what Rancher says about a feature.
type FeatureStatus struct {
	// default counts where nobody chose.
	// +optional
	Default bool `json:"default"`
	// dynamic is true when a change needs no restart.
	// +optional
	Dynamic bool `json:"dynamic"`
	// description says what the feature does.
	// +optional
	Description string `json:"description"`
	// lockedValue, where set, wins over everything.
	// +nullable
	LockedValue *bool `json:"lockedValue,omitempty"`
}

// FeatureList is a list of features.
//
// +kubebuilder:object:root=true
type FeatureList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Feature `json:"items"`
}

// Preference is what one user likes; it lives in the namespace that is named as
// the user.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Namespaced
// +kubebuilder:pruning:PreserveUnknownFields
type Preference struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// value is the preference, as text.
	Value string `json:"value"`
}

// PreferenceList is a list of preferences.
//
// +kubebuilder:object:root=true
type PreferenceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Preference `json:"items"`
}

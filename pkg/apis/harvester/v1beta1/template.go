package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Conditions of a VirtualMachineTemplateVersion.
const (
	// TemplateVersionAssigned is True once the version has a number.
	TemplateVersionAssigned = "assigned"
	// TemplateVersionReady is True once machines can be made of the version: the images that it names are there.
	TemplateVersionReady = "ready"
)

// VirtualMachineTemplate is a name over versions of a machine that people make again and again.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=virtualmachinetemplates,singular=virtualmachinetemplate,shortName=vmtemplate;vmtemplates,scope=Namespaced
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="DEFAULT",type=integer,JSONPath=`.status.defaultVersion`
// +kubebuilder:printcolumn:name="LATEST",type=integer,JSONPath=`.status.latestVersion`
// +kubebuilder:printcolumn:name="DESCRIPTION",type=string,JSONPath=`.spec.description`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
type VirtualMachineTemplate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what people say of the template.
	// +optional
	Spec VirtualMachineTemplateSpec `json:"spec,omitempty"`
	// status is what the server knows of its versions. Written by the server.
	// +optional
	Status VirtualMachineTemplateStatus `json:"status,omitempty"`
}

// VirtualMachineTemplateSpec is what people say of a template.
type VirtualMachineTemplateSpec struct {
	// defaultVersionId is "namespace/name" of the version that machines are made of when nobody chooses another. Default:
	// the first version that is made. It may change to any version of this template.
	// +kubebuilder:validation:MaxLength=317
	// +optional
	DefaultVersionID string `json:"defaultVersionId,omitempty"`
	// description is free text. Default none. It may change at any time.
	// +optional
	Description string `json:"description,omitempty"`
}

// VirtualMachineTemplateStatus is what the server knows of a template's versions.
type VirtualMachineTemplateStatus struct {
	// observedGeneration is the metadata.generation of the object that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// defaultVersion is the number of the default version; 0 while there is none.
	// +optional
	DefaultVersion int `json:"defaultVersion,omitempty"`
	// latestVersion is the highest number that a version has had; 0 while there is none. Numbers are not used twice.
	// +optional
	LatestVersion int `json:"latestVersion,omitempty"`
	// conditions: Ready is False while the default version that the template names has no number, such as one that is not
	// made yet, and True otherwise; Stalled is always False.
	// +optional
	Conditions []Condition `json:"conditions,omitempty"`
}

// VirtualMachineTemplateList is a list of VirtualMachineTemplate.
//
// +kubebuilder:object:root=true
type VirtualMachineTemplateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []VirtualMachineTemplate `json:"items"`
}

// VirtualMachineTemplateVersion is one version of a template. It stays what it was made; who wants another makes another.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=virtualmachinetemplateversions,singular=virtualmachinetemplateversion,shortName=vmtemplateversion;vmtemplateversions,scope=Namespaced
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="TEMPLATE",type=string,JSONPath=`.spec.templateId`
// +kubebuilder:printcolumn:name="VERSION",type=integer,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="READY",type=string,JSONPath=`.status.conditions[?(@.type=="ready")].status`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
type VirtualMachineTemplateVersion struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the machine. It stays as it was made.
	Spec VirtualMachineTemplateVersionSpec `json:"spec"`
	// status is its number, and whether machines can be made of it. Written by the server.
	// +optional
	Status VirtualMachineTemplateVersionStatus `json:"status,omitempty"`
}

// VirtualMachineTemplateVersionSpec is a machine as it is to be made.
type VirtualMachineTemplateVersionSpec struct {
	// templateId is "namespace/name" of the template, which is in the version's own namespace. Needed; it stays as it
	// was made.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=317
	TemplateID string `json:"templateId"`
	// description is free text. Default none. It stays as it was made, as all of a version does.
	// +optional
	Description string `json:"description,omitempty"`
	// imageId is "namespace/name" of the image that the first disk is cut from; empty when the person who makes a machine
	// chooses one, which is the default. It stays as it was made.
	// +kubebuilder:validation:MaxLength=317
	// +optional
	ImageID string `json:"imageId,omitempty"`
	// keyPairIds are "namespace/name" of the SSH keys that machines are given. Default none. They stay as they were made.
	// +kubebuilder:validation:MaxItems=256
	// +optional
	KeyPairIDs []string `json:"keyPairIds,omitempty"`
	// vm is metadata and spec of the VirtualMachine, as a client sends it to make one. It is kept as it is, fields that
	// nobody here knows included, and judged when a machine is made of it. Default none. It stays as it
	// was made.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Type=object
	// +optional
	VM runtime.RawExtension `json:"vm,omitempty"`
}

// VirtualMachineTemplateVersionStatus is a version's number, and whether machines can be made of it.
type VirtualMachineTemplateVersionStatus struct {
	// version is the number, from 1; 0 while there is none.
	// +optional
	Version int `json:"version,omitempty"`
	// observedGeneration is the metadata.generation of the object that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions: assigned is True once the version has a number, ready once its images are there; Ready and Stalled say the
	// same to programs that wait.
	// +optional
	Conditions []Condition `json:"conditions,omitempty"`
}

// VirtualMachineTemplateVersionList is a list of VirtualMachineTemplateVersion.
//
// +kubebuilder:object:root=true
type VirtualMachineTemplateVersionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []VirtualMachineTemplateVersion `json:"items"`
}

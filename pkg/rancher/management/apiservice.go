package management

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIService asks Rancher to hand some paths of its own API to a program that
// dials in (Steve's aggregation).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
type APIService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says which paths, and where to put the secret for dialling in.
	Spec APIServiceSpec `json:"spec,omitempty"`
	// status says how the program is known.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status APIServiceStatus `json:"status,omitempty"`
}

// APIServiceSpec says which paths a program serves.
type APIServiceSpec struct {
	// secretName is the secret that Rancher fills with url, token and ca.crt.
	SecretName string `json:"secretName,omitempty"`
	// secretNamespace is the namespace of that secret.
	SecretNamespace string `json:"secretNamespace,omitempty"`
	// pathPrefixes are the beginnings of the paths that are handed over.
	PathPrefixes []string `json:"pathPrefixes,omitempty"`
	// paths are whole paths that are handed over.
	Paths []string `json:"paths,omitempty"`
}

// APIServiceStatus says how the program is known.
type APIServiceStatus struct {
	// conditions tell how far the registration is.
	Conditions []Condition `json:"conditions,omitempty"`
	// serviceAccountName is the account whose token is the root of the secret.
	ServiceAccountName string `json:"serviceAccountName,omitempty"`
	// serviceAccountNamespace is the namespace of that account.
	ServiceAccountNamespace string `json:"serviceAccountNamespace,omitempty"`
}

// APIServiceList is a list of API services.
//
// +kubebuilder:object:root=true
type APIServiceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []APIService `json:"items"`
}

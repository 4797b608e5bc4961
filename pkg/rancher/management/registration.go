package management

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ClusterRegistrationToken lets the agent of one cluster join. It lives in the
// namespace that is named as the cluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.spec.clusterName`
type ClusterRegistrationToken struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec names the cluster.
	Spec ClusterRegistrationTokenSpec `json:"spec,omitempty"`
	// status holds the token and what is made of it.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status ClusterRegistrationTokenStatus `json:"status,omitempty"`
}

// ClusterRegistrationTokenSpec names the cluster that may join.
type ClusterRegistrationTokenSpec struct {
	// clusterName is the name of the management cluster.
	ClusterName string `json:"clusterName,omitempty"`
}

// ClusterRegistrationTokenStatus holds the token and what is made of it.
type ClusterRegistrationTokenStatus struct {
	// token is the secret word that the agent presents.
	Token string `json:"token,omitempty"`
	// manifestUrl is where the agent's manifest is.
	ManifestURL string `json:"manifestUrl,omitempty"`
	// command applies the manifest with kubectl.
	Command string `json:"command,omitempty"`
	// insecureCommand does the same where the hub's certificate is not known.
	InsecureCommand string `json:"insecureCommand,omitempty"`
}

// ClusterRegistrationTokenList is a list of registration tokens.
//
// +kubebuilder:object:root=true
type ClusterRegistrationTokenList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ClusterRegistrationToken `json:"items"`
}

package provisioning

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/pkg/rancher/management"
)

// GroupVersion is the API group and version of this package's kinds.
var GroupVersion = schema.GroupVersion{Group: "provisioning.cattle.io", Version: "v1"}

// DefaultNamespace is where provisioning clusters live unless said otherwise.
const DefaultNamespace = "fleet-default"

// Cluster is a cluster as people ask for it; an empty spec means that it exists
// and is to be imported.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Ready",type=boolean,JSONPath=`.status.ready`
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.status.clusterName`
type Cluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is free: Croft imports clusters and reads nothing of it, but loses nothing either.
	// +kubebuilder:validation:XPreserveUnknownFields
	Spec ClusterSpec `json:"spec,omitempty"`
	// status is what Rancher made of it.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status ClusterStatus `json:"status,omitempty"`
}

// ClusterStatus is what Rancher made of a provisioning cluster.
type ClusterStatus struct {
	// ready follows the condition Ready of the management cluster.
	Ready bool `json:"ready,omitempty"`
	// clusterName is the name of the management cluster.
	ClusterName string `json:"clusterName,omitempty"`
	// clientSecretName is the secret with a kubeconfig for the cluster.
	ClientSecretName string `json:"clientSecretName,omitempty"`
	// agentDeployed is true once the agent has called.
	AgentDeployed bool `json:"agentDeployed,omitempty"`
	// observedGeneration is the generation that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration"`
	// conditions repeat those of the management cluster.
	Conditions []management.Condition `json:"conditions,omitempty"`
}

// ClusterList is a list of provisioning clusters.
//
// +kubebuilder:object:root=true
type ClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Cluster `json:"items"`
}

// AddToScheme makes the kinds of this package known to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &Cluster{}, &ClusterList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)

	return nil
}

package management

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Provider names that Croft acts on.
const (
	// ProviderHarvester marks a cluster as a site.
	ProviderHarvester = "harvester"
	// LabelProvider is the label that repeats Cluster.status.provider.
	LabelProvider = "provider.cattle.io"
)

// LocalCluster is the name of the cluster object that stands for the hub itself.
const LocalCluster = "local"

// Cluster is one cluster known to Rancher, named c-m-xxxxxxxx (or c-xxxxx).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.status.provider`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Cluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what was asked for.
	// +kubebuilder:validation:XPreserveUnknownFields
	Spec ClusterSpec `json:"spec,omitempty"`
	// status is what Rancher found out.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status ClusterStatus `json:"status,omitempty"`
}

// ClusterSpec is what was asked for.
type ClusterSpec struct {
	// displayName is the name that people gave the cluster.
	DisplayName string `json:"displayName,omitempty"`
	// description is free text.
	Description string `json:"description,omitempty"`
	// internal is true for the cluster that Rancher itself runs in.
	Internal bool `json:"internal,omitempty"`
	// fleetWorkspaceName is the namespace of the provisioning cluster.
	FleetWorkspaceName string `json:"fleetWorkspaceName,omitempty"`
}

// ClusterStatus is what Rancher found out about a cluster.
type ClusterStatus struct {
	// conditions tell how far the cluster is; see the Condition constants.
	Conditions []Condition `json:"conditions,omitempty"`
	// provider is what kind of cluster it is; "harvester" makes it a site.
	Provider string `json:"provider,omitempty"`
	// driver is how the cluster came to be, "imported" for a site.
	Driver string `json:"driver,omitempty"`
	// info tells what makes the machines of a guest cluster.
	Info *ClusterInfo `json:"info,omitempty"`
	// apiEndpoint is the URL of the cluster's API server as its agent sees it.
	APIEndpoint string `json:"apiEndpoint,omitempty"`
	// caCert is the base64 of the PEM bundle that signs apiEndpoint.
	CACert string `json:"caCert,omitempty"`
	// serviceAccountTokenSecret names the secret in cattle-global-data that holds
	// the token of the cluster's agent under the key credential.
	ServiceAccountTokenSecret string `json:"serviceAccountTokenSecret,omitempty"`
	// agentImage is the image, or here the version, of the agent that is connected.
	AgentImage string `json:"agentImage,omitempty"`
	// version is what the API server answers at /version.
	Version *Version `json:"version,omitempty"`
	// nodeCount is the number of nodes.
	NodeCount int `json:"nodeCount,omitempty"`
	// capacity is the sum of the nodes' capacity.
	Capacity corev1.ResourceList `json:"capacity,omitempty"`
	// allocatable is the sum of what the nodes offer to pods.
	Allocatable corev1.ResourceList `json:"allocatable,omitempty"`
	// requested is the sum of what pods ask for.
	Requested corev1.ResourceList `json:"requested,omitempty"`
}

// ClusterInfo is what is known of a cluster's making.
type ClusterInfo struct {
	// machineProvider is the node driver of the first machine pool, such as croft: the dashboard chooses by it the form in which
	// pools are edited.
	MachineProvider string `json:"machineProvider,omitempty"`
}

// Version is what a Kubernetes API server says about itself.
type Version struct {
	// major is the major version.
	Major string `json:"major,omitempty"`
	// minor is the minor version.
	Minor string `json:"minor,omitempty"`
	// gitVersion is the whole version, such as v1.36.3.
	GitVersion string `json:"gitVersion,omitempty"`
	// platform is operating system and architecture.
	Platform string `json:"platform,omitempty"`
}

// ClusterList is a list of clusters.
//
// +kubebuilder:object:root=true
type ClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Cluster `json:"items"`
}

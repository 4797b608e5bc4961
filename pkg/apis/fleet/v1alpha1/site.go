package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The conditions of a Site.
const (
	// ConditionConnected says whether the hub reaches the site's Kubernetes API now.
	ConditionConnected = "Connected"
	// ConditionSynced says whether the hub's rows of the site follow the site now.
	ConditionSynced = "Synced"
	// ConditionVersionSupported says whether the site's server-version is one that Croft works with.
	ConditionVersionSupported = "VersionSupported"
)

// The reasons of the conditions of a Site.
const (
	// ReasonReachable goes with Connected=True: the site answered the last call.
	ReasonReachable = "Reachable"
	// ReasonUnreachable goes with Connected=False: the site did not answer; the message holds the last error.
	ReasonUnreachable = "Unreachable"
	// ReasonWatching goes with Synced=True: every kind was listed and is being watched.
	ReasonWatching = "Watching"
	// ReasonListing goes with Synced=False: a first list, or one after a gap, has not ended.
	ReasonListing = "Listing"
	// ReasonInterrupted goes with Synced=False: a watch broke and is being taken up again; the message says which and why.
	ReasonInterrupted = "Interrupted"
	// ReasonIncomplete goes with Synced=False: the site holds or sends more than its budget; the message says what was left out.
	ReasonIncomplete = "Incomplete"
	// ReasonHubDiskFull goes with Synced=False: the hub's disk takes nothing more, so that rows stay as they were.
	ReasonHubDiskFull = "HubDiskFull"
	// ReasonSupported goes with VersionSupported=True.
	ReasonSupported = "Supported"
	// ReasonTooOld goes with VersionSupported=False: the site must be upgraded.
	ReasonTooOld = "TooOld"
	// ReasonUnknownVersion goes with VersionSupported=Unknown: the site names no version that can be compared.
	ReasonUnknownVersion = "UnknownVersion"
)

// Site is one hyper-converged cluster that Croft looks after. Its name is the id of its Rancher cluster. The hub makes
// it when a cluster with provider harvester joins and removes it when that cluster goes; nobody has to write one.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,categories=croft
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Connected",type=string,JSONPath=`.status.conditions[?(@.type=="Connected")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.nodes`
// +kubebuilder:printcolumn:name="Machines",type=integer,JSONPath=`.status.machines`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Site struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the object's metadata; name is the id of the Rancher cluster.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is known about the site from its Rancher cluster.
	// +optional
	Spec SiteSpec `json:"spec,omitempty"`
	// status is what the hub last saw of the site.
	// +optional
	Status SiteStatus `json:"status,omitempty"`
}

// SiteSpec is what is known about a site from its Rancher cluster.
type SiteSpec struct {
	// displayName is the name that people gave the cluster. Empty means the site is shown by its id.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	DisplayName string `json:"displayName,omitempty"`
}

// SiteStatus is what the hub last saw of a site. It stays as it was while the site cannot be reached.
type SiteStatus struct {
	// conditions are Connected, Synced and VersionSupported.
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// version is the site's setting server-version.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Version string `json:"version,omitempty"`
	// nodes is the number of nodes.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Nodes int32 `json:"nodes,omitempty"`
	// machines is the number of virtual machines.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Machines int32 `json:"machines,omitempty"`
	// machinesRunning is the number of virtual machines in state Running.
	// +kubebuilder:validation:Minimum=0
	// +optional
	MachinesRunning int32 `json:"machinesRunning,omitempty"`
	// cpu is the processors of the site in cores.
	// +optional
	CPU Capacity `json:"cpu,omitempty"`
	// memory is the memory of the site in bytes.
	// +optional
	Memory Capacity `json:"memory,omitempty"`
	// lastHeardTime is when the site last answered, to the minute.
	// +optional
	LastHeardTime *metav1.Time `json:"lastHeardTime,omitempty"`
}

// Capacity is how much there is of something and how much of it has been asked for.
type Capacity struct {
	// capacity is what the nodes have together.
	// +optional
	Capacity resource.Quantity `json:"capacity,omitempty"`
	// requested is what the machines that are not stopped have been given.
	// +optional
	Requested resource.Quantity `json:"requested,omitempty"`
}

// SiteList is a list of Site.
//
// +kubebuilder:object:root=true
type SiteList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the list's metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the sites.
	Items []Site `json:"items"`
}

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
	// ConditionHealthy says whether the site itself is well: its nodes are ready, and KubeVirt and CDI say that they work.
	ConditionHealthy = "Healthy"
	// ConditionCredentialsExpiring says whether a token or a certificate that the site hangs on ends soon or has ended. Here
	// True is the bad news.
	ConditionCredentialsExpiring = "CredentialsExpiring"
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
	// ReasonHealthy goes with Healthy=True.
	ReasonHealthy = "Healthy"
	// ReasonNodesNotReady goes with Healthy=False: the message names the first of the nodes that are not ready.
	ReasonNodesNotReady = "NodesNotReady"
	// ReasonComponentDegraded goes with Healthy=False: KubeVirt or CDI says that it is degraded or not available.
	ReasonComponentDegraded = "ComponentDegraded"
	// ReasonNoNodes goes with Healthy=Unknown: no node of the site is known.
	ReasonNoNodes = "NoNodes"
	// ReasonNotFollowed goes with Healthy=Unknown: the site is not being followed now, so nobody knows.
	ReasonNotFollowed = "NotFollowed"
	// ReasonCredentialsValid goes with CredentialsExpiring=False: none that is known ends soon.
	ReasonCredentialsValid = "CredentialsValid"
	// ReasonEndingSoon goes with CredentialsExpiring=True: the message names what ends first, when, and what to do.
	ReasonEndingSoon = "EndingSoon"
	// ReasonEnded goes with CredentialsExpiring=True: one has ended already.
	ReasonEnded = "Ended"
	// ReasonNoCredentialKnown goes with CredentialsExpiring=Unknown: of no credential is it known when it ends.
	ReasonNoCredentialKnown = "NoCredentialKnown"
)

// Annotations of a Rancher cluster that say where its site is. What the Site's spec says comes before them.
const (
	// AnnotationLatitude is the latitude in degrees, such as 52.52; the south is negative.
	AnnotationLatitude = "crofthci.io/latitude"
	// AnnotationLongitude is the longitude in degrees, such as 13.405; the west is negative.
	AnnotationLongitude = "crofthci.io/longitude"
	// AnnotationLocation is the name of the place, such as Berlin.
	AnnotationLocation = "crofthci.io/location"
	// AnnotationCopiedLabels names, on a Site and with commas between them, the labels that are copied from its cluster.
	AnnotationCopiedLabels = "crofthci.io/copied-labels"
	// AnnotationAgentTokenIssued and AnnotationAgentTokenExpires say, on a Rancher cluster, from when to when the token is
	// good with which its agent lets the hub in. A hub without Rancher writes them; a token without an end has none.
	AnnotationAgentTokenIssued  = "crofthci.io/agent-token-issued"
	AnnotationAgentTokenExpires = "crofthci.io/agent-token-expires"
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
// +kubebuilder:printcolumn:name="Healthy",type=string,JSONPath=`.status.conditions[?(@.type=="Healthy")].status`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.nodes`
// +kubebuilder:printcolumn:name="Machines",type=integer,JSONPath=`.status.machines`
// +kubebuilder:printcolumn:name="Location",type=string,JSONPath=`.status.location.name`,priority=1
// +kubebuilder:printcolumn:name="Credentials Expiring",type=string,JSONPath=`.status.conditions[?(@.type=="CredentialsExpiring")].status`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Site struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the object's metadata; name is the id of the Rancher cluster.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is known about the site from its Rancher cluster.
	// +optional
	Spec SiteSpec `json:"spec,omitempty"`
	// status is what the hub last saw of the site. Written by the hub.
	// +optional
	Status SiteStatus `json:"status,omitempty"`
}

// SiteSpec is what is known about a site from its Rancher cluster.
type SiteSpec struct {
	// displayName is the name that people gave the cluster. Empty means the site is shown by its id. Written by the hub,
	// after its cluster.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	DisplayName string `json:"displayName,omitempty"`
	// location is where the site is. Default: what the annotations crofthci.io/latitude, crofthci.io/longitude and
	// crofthci.io/location of the Rancher cluster say. It may change at any time.
	// +optional
	Location *Location `json:"location,omitempty"`
}

// Location is a place on a map.
//
// +kubebuilder:validation:XValidation:rule="has(self.latitude) == has(self.longitude)",message="latitude and longitude belong together: give both or neither"
type Location struct {
	// name is the name of the place, for lists. Default none.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Name string `json:"name,omitempty"`
	// latitude is in degrees from -90 to 90; the south is negative. Default none: the site is on no map.
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^-?(90(\.0+)?|[1-8]?[0-9](\.[0-9]+)?)$`
	// +optional
	Latitude string `json:"latitude,omitempty"`
	// longitude is in degrees from -180 to 180; the west is negative. Default none: the site is on no map.
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^-?(180(\.0+)?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]+)?)$`
	// +optional
	Longitude string `json:"longitude,omitempty"`
}

// SiteStatus is what the hub last saw of a site. It stays as it was while the site cannot be reached.
type SiteStatus struct {
	// conditions are Connected, Synced, Healthy, VersionSupported and CredentialsExpiring.
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
	// storage is the storage of the site in bytes. requested is the size of all volumes, each counted once; capacity and
	// used are those of Longhorn's disks, which hold every replica.
	// +optional
	Storage Capacity `json:"storage,omitempty"`
	// location is where the site is: spec.location, or what the annotations of its Rancher cluster say.
	// +optional
	Location *Location `json:"location,omitempty"`
	// credentials are the tokens and certificates that the site hangs on, as far as it is known when they end.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Credentials []Credential `json:"credentials,omitempty"`
	// lastHeardTime is when the site last answered, to the minute.
	// +optional
	LastHeardTime *metav1.Time `json:"lastHeardTime,omitempty"`
}

// Credential is a token or a certificate that ends.
type Credential struct {
	// name says which it is: AgentToken is with which the site's agent lets the hub in; SiteAuthority signs the site's API
	// server; WebhookAuthority signs the site's admission webhooks; HubCertificate is what Rancher, or the hub in its place,
	// shows to agents and browsers; HubToken is with which croft-fleet reaches the sites through Rancher.
	// +kubebuilder:validation:Enum=AgentToken;SiteAuthority;WebhookAuthority;HubCertificate;HubToken
	// +required
	Name string `json:"name"`
	// issuedTime is from when it is good, if that is known.
	// +optional
	IssuedTime *metav1.Time `json:"issuedTime,omitempty"`
	// expirationTime is when it ends.
	// +required
	ExpirationTime metav1.Time `json:"expirationTime"`
}

// Capacity is how much there is of something, how much of it has been asked for and how much is used.
type Capacity struct {
	// capacity is what the nodes have together.
	// +optional
	Capacity resource.Quantity `json:"capacity,omitempty"`
	// requested is what the machines that are not stopped have been given, or what volumes ask for.
	// +optional
	Requested resource.Quantity `json:"requested,omitempty"`
	// used is what is really taken, where the site measures it: processors and memory by the metrics API, storage by
	// Longhorn. Zero where it does not.
	// +optional
	Used resource.Quantity `json:"used,omitempty"`
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

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// MostBulkItems is how many objects one BulkOperation may be about. With every text at its longest, so many items stay
// below 1 MB, and etcd takes 1.5.
const MostBulkItems = 1000

// BulkMode is what is wanted of a BulkOperation.
//
// +kubebuilder:validation:Enum=DryRun;Run;Pause;Cancel
type BulkMode string

// The modes of a BulkOperation.
const (
	// BulkDryRun finds the objects and asks each site what it would say, and does nothing.
	BulkDryRun BulkMode = "DryRun"
	// BulkRun does the action to one object after the other.
	BulkRun BulkMode = "Run"
	// BulkPause begins no further wave until it is Run again.
	BulkPause BulkMode = "Pause"
	// BulkCancel begins no further wave, ever.
	BulkCancel BulkMode = "Cancel"
)

// BulkExcess is what becomes of a BulkOperation with too many failures.
//
// +kubebuilder:validation:Enum=Pause;Fail
type BulkExcess string

// What becomes of a BulkOperation with too many failures.
const (
	// BulkExcessPause waits until somebody allows more failures.
	BulkExcessPause BulkExcess = "Pause"
	// BulkExcessFail ends the operation.
	BulkExcessFail BulkExcess = "Fail"
)

// BulkPhase is how far a BulkOperation is.
//
// +kubebuilder:validation:Enum=Pending;Checked;Running;Paused;Completed;Failed;Cancelled
type BulkPhase string

// The phases of a BulkOperation.
const (
	// BulkPending is before every object was found and its site asked.
	BulkPending BulkPhase = "Pending"
	// BulkChecked is after that, when only a dry run is wanted.
	BulkChecked BulkPhase = "Checked"
	// BulkRunning is while waves are done.
	BulkRunning BulkPhase = "Running"
	// BulkPaused is while no wave is begun; the message says why.
	BulkPaused BulkPhase = "Paused"
	// BulkCompleted is when every item has an end, whichever.
	BulkCompleted BulkPhase = "Completed"
	// BulkFailed is when it was given up: it cannot be done at all, or had too many failures; the message says which.
	BulkFailed BulkPhase = "Failed"
	// BulkCancelled is when it was ended by somebody.
	BulkCancelled BulkPhase = "Cancelled"
)

// BulkItemState is how far one item is.
//
// +kubebuilder:validation:Enum=Pending;Sent;Succeeded;Skipped;Failed;Unknown
type BulkItemState string

// The states of an item.
const (
	// BulkItemPending is before anything was done.
	BulkItemPending BulkItemState = "Pending"
	// BulkItemSent is from before the action goes to the site until its answer is written down.
	BulkItemSent BulkItemState = "Sent"
	// BulkItemSucceeded is when the site did it.
	BulkItemSucceeded BulkItemState = "Succeeded"
	// BulkItemSkipped is when the site says that it cannot be done to the object as it is. Nothing was done.
	BulkItemSkipped BulkItemState = "Skipped"
	// BulkItemFailed is when the site refused it or was not reached. Nothing was done.
	BulkItemFailed BulkItemState = "Failed"
	// BulkItemUnknown is when the action was on its way and nobody heard what became of it. It is not done again.
	BulkItemUnknown BulkItemState = "Unknown"
)

// BulkCheck is what the site said when it was asked beforehand.
//
// +kubebuilder:validation:Enum=Allowed;Refused;Unreachable
type BulkCheck string

// The answers of a site that was asked beforehand.
const (
	// BulkCheckAllowed says that the site would do it.
	BulkCheckAllowed BulkCheck = "Allowed"
	// BulkCheckRefused says that it would not; the message says why.
	BulkCheckRefused BulkCheck = "Refused"
	// BulkCheckUnreachable says that the site did not answer; the message says what is wrong with it.
	BulkCheckUnreachable BulkCheck = "Unreachable"
)

// BulkOperation does one action to many objects at many sites, as the person who made it, in waves. It begins as a dry
// run, unless it is made otherwise.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,categories=croft
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Action",type=string,JSONPath=`.spec.action`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Total",type=integer,JSONPath=`.status.counts.total`
// +kubebuilder:printcolumn:name="Succeeded",type=integer,JSONPath=`.status.counts.succeeded`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.counts.failed`
// +kubebuilder:printcolumn:name="Creator",type=string,JSONPath=`.spec.creator.username`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type BulkOperation struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is to be done, to what and how.
	Spec BulkOperationSpec `json:"spec"`
	// status is what was done. Written by the hub.
	// +optional
	Status BulkOperationStatus `json:"status,omitempty"`
}

// BulkOperationSpec is what is to be done. Only mode and failures may change.
//
// +kubebuilder:validation:XValidation:rule="self.creator == oldSelf.creator",message="creator cannot be changed once the operation exists"
// +kubebuilder:validation:XValidation:rule="self.type == oldSelf.type && self.action == oldSelf.action",message="type and action cannot be changed once the operation exists"
// +kubebuilder:validation:XValidation:rule="has(self.input) == has(oldSelf.input) && (!has(self.input) || self.input == oldSelf.input)",message="input cannot be changed once the operation exists"
// +kubebuilder:validation:XValidation:rule="self.selector == oldSelf.selector",message="selector cannot be changed once the operation exists"
// +kubebuilder:validation:XValidation:rule="self.waveSize == oldSelf.waveSize",message="waveSize cannot be changed once the operation exists"
// +kubebuilder:validation:XValidation:rule="oldSelf.mode != 'Cancel' || self.mode == 'Cancel'",message="mode cannot be changed once the operation was cancelled"
// +kubebuilder:validation:XValidation:rule="self.mode != 'DryRun' || oldSelf.mode == 'DryRun'",message="mode cannot go back to DryRun"
type BulkOperationSpec struct {
	// creator is whom the operation acts as: the person who makes it. Through /v1/croft the hub writes it; who makes the
	// object otherwise can name himself and some of his own groups, and nobody else. It stays as it was made.
	Creator BulkCreator `json:"creator"`
	// type is the type of the rows, as in /v1/croft/schemas, such as virtualmachine. It stays as it was made.
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]*$`
	// +kubebuilder:validation:MaxLength=63
	Type string `json:"type"`
	// action is the name of an action that the sites offer for such objects, such as stop. It stays as it was made.
	// +kubebuilder:validation:Pattern=`^[a-zA-Z][a-zA-Z0-9]*$`
	// +kubebuilder:validation:MaxLength=63
	Action string `json:"action"`
	// input is what the action is given, the same for every object. Default none, which is an empty one. It stays as it was
	// made.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Type=object
	// +kubebuilder:validation:MaxProperties=32
	// +optional
	Input *runtime.RawExtension `json:"input,omitempty"`
	// selector says which rows. It is looked at once, when the operation begins; what comes later is not part of it. It
	// stays as it was made.
	Selector BulkSelector `json:"selector"`
	// waveSize is how many objects are done at the same time. The next wave begins when each of the one before has its end.
	// Default 10, at most 100. It stays as it was made.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +kubebuilder:default=10
	// +optional
	WaveSize int32 `json:"waveSize,omitempty"`
	// failures says how many may fail. It may change at any time, by the creator.
	// +kubebuilder:default={}
	// +optional
	Failures BulkFailures `json:"failures,omitempty"`
	// mode is what is wanted now: DryRun, Run, Pause or Cancel. Default DryRun. Whoever may change the object may choose
	// Pause and Cancel; Run is the creator's to choose. It may change at any time until it is Cancel, and not back to
	// DryRun.
	// +kubebuilder:default=DryRun
	// +optional
	Mode BulkMode `json:"mode,omitempty"`
}

// BulkCreator is a person as Kubernetes knows him.
type BulkCreator struct {
	// username is the user's name.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Username string `json:"username"`
	// groups are those that count for what he may do. Default none.
	// +kubebuilder:validation:MaxItems=1024
	// +kubebuilder:validation:items:MaxLength=1024
	// +listType=atomic
	// +optional
	Groups []string `json:"groups,omitempty"`
	// extra is what else the login said of him. Default none.
	// +kubebuilder:validation:MaxProperties=32
	// +optional
	Extra map[string]BulkExtra `json:"extra,omitempty"`
}

// BulkExtra are the values of one key.
//
// +kubebuilder:validation:MaxItems=64
// +kubebuilder:validation:items:MaxLength=1024
type BulkExtra []string

// BulkSelector says which rows, in the words of the list itself: see fleet/index/README.md. A row has to meet all of it.
//
// +kubebuilder:validation:XValidation:rule="has(self.ids) != (has(self.filter) || has(self.search) || has(self.site) || has(self.projectsOrNamespaces) || has(self.all))",message="selector needs either ids, or some of filter, search, site and projectsOrNamespaces, or all: true"
type BulkSelector struct {
	// ids are the rows' own, such as c-m-abcd1234/default/web; at most 1,000. Default none: the other fields choose.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1000
	// +kubebuilder:validation:items:MaxLength=400
	// +kubebuilder:validation:items:MinLength=1
	// +listType=set
	// +optional
	IDs []string `json:"ids,omitempty"`
	// filter are conditions such as state=Running; each has to be met. Default none.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=4096
	// +listType=atomic
	// +optional
	Filter []string `json:"filter,omitempty"`
	// search is text that the row holds somewhere. Default none.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Search string `json:"search,omitempty"`
	// site are ids or display names of sites with commas between them. Default none: all sites.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Site string `json:"site,omitempty"`
	// projectsOrNamespaces are ids of projects and names of namespaces with commas between them. Default none:
	// all of them.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	ProjectsOrNamespaces string `json:"projectsOrNamespaces,omitempty"`
	// all is true for every row that the creator sees. Default none. It has to be said, so that nobody says it by leaving things out.
	// +kubebuilder:validation:Enum=true
	// +optional
	All bool `json:"all,omitempty"`
}

// BulkFailures says how many items may fail, and what happens when more do.
type BulkFailures struct {
	// max is how many items may be Failed or Unknown, as a number or as a percentage of all items, rounded down. It is looked
	// at before each wave. Default 0: the first failure is one too many.
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 0 : self.matches('^([0-9]|[1-9][0-9]|100)%$')",message="failures.max is a number from 0 or a percentage such as 10%"
	// +kubebuilder:default=0
	// +optional
	Max *intstr.IntOrString `json:"max,omitempty"`
	// then is what happens: Pause waits until max is raised, Fail ends the operation. Default Pause.
	// +kubebuilder:default=Pause
	// +optional
	Then BulkExcess `json:"then,omitempty"`
}

// BulkOperationStatus is what was done.
type BulkOperationStatus struct {
	// phase is how far the operation is.
	// +optional
	Phase BulkPhase `json:"phase,omitempty"`
	// message says in a sentence why it is there.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
	// counts are the numbers of items by state.
	// +optional
	Counts BulkCounts `json:"counts,omitempty"`
	// items are the objects, one by one, in the order in which they are done.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	Items []BulkItem `json:"items,omitempty"`
	// resolvedTime is when the objects were found; from then on they are these.
	// +optional
	ResolvedTime *metav1.Time `json:"resolvedTime,omitempty"`
	// endTime is when the operation ended. A week later it is deleted.
	// +optional
	EndTime *metav1.Time `json:"endTime,omitempty"`
}

// BulkCounts are the numbers of items by state.
type BulkCounts struct {
	// total is the number of all items.
	Total int32 `json:"total"`
	// allowed is how many the sites would do, when they were asked beforehand.
	Allowed int32 `json:"allowed"`
	// pending is how many are still to be done.
	Pending int32 `json:"pending"`
	// sent is how many are being done.
	Sent int32 `json:"sent"`
	// succeeded is how many were done.
	Succeeded int32 `json:"succeeded"`
	// skipped is how many could not be done as they were.
	Skipped int32 `json:"skipped"`
	// failed is how many were refused or not reached.
	Failed int32 `json:"failed"`
	// unknown is of how many nobody heard what became of them.
	Unknown int32 `json:"unknown"`
}

// BulkItem is one object of an operation.
type BulkItem struct {
	// id is the row's: site, namespace and name.
	// +kubebuilder:validation:MaxLength=400
	ID string `json:"id"`
	// state is how far it is.
	State BulkItemState `json:"state"`
	// check is what the site said when it was asked beforehand; empty before that.
	// +optional
	Check BulkCheck `json:"check,omitempty"`
	// message is what the site said, or what is known instead.
	// +kubebuilder:validation:MaxLength=320
	// +optional
	Message string `json:"message,omitempty"`
	// uid is that of the object when the action was sent.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	UID string `json:"uid,omitempty"`
	// resourceVersion is that of the object just before the action was sent.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ResourceVersion string `json:"resourceVersion,omitempty"`
	// sentTime is when it was written down that the action goes out.
	// +optional
	SentTime *metav1.Time `json:"sentTime,omitempty"`
}

// BulkOperationList is a list of BulkOperation.
//
// +kubebuilder:object:root=true
type BulkOperationList struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the list's metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the operations.
	Items []BulkOperation `json:"items"`
}

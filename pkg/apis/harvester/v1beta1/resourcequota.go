package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ResourceQuotaName is the name that the quota of every namespace has.
const ResourceQuotaName = "default-resource-quota"

// ResourceQuota limits the space that the snapshots of a namespace may take. A namespace has one at most.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=resourcequotas,singular=resourcequota,shortName=hrq;hrqs,scope=Namespaced
// +kubebuilder:subresource:status
// +kubebuilder:validation:XValidation:rule="self.metadata.name == 'default-resource-quota'",message="metadata.name must be default-resource-quota: a namespace has one quota"
// +kubebuilder:printcolumn:name="NAMESPACE_TOTAL_SNAPSHOT_SIZE_QUOTA",type=integer,JSONPath=`.spec.snapshotLimit.namespaceTotalSnapshotSizeQuota`
// +kubebuilder:printcolumn:name="NAMESPACE_TOTAL_SNAPSHOT_SIZE_USAGE",type=integer,JSONPath=`.status.snapshotLimitStatus.namespaceTotalSnapshotSizeUsage`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
type ResourceQuota struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is limited.
	// +optional
	Spec ResourceQuotaSpec `json:"spec,omitempty"`
	// status is what is used. Written by the server.
	// +optional
	Status ResourceQuotaStatus `json:"status,omitempty"`
}

// ResourceQuotaSpec is what is limited.
type ResourceQuotaSpec struct {
	// snapshotLimit limits the space of snapshots. It may change at any time; what is there already stays.
	// +optional
	SnapshotLimit SnapshotLimit `json:"snapshotLimit,omitempty"`
}

// SnapshotLimit limits the space of snapshots.
type SnapshotLimit struct {
	// namespaceTotalSnapshotSizeQuota is how many bytes all snapshots of the namespace may take together. 0, the default,
	// is no limit.
	// +optional
	// +kubebuilder:validation:Minimum=0
	NamespaceTotalSnapshotSizeQuota int64 `json:"namespaceTotalSnapshotSizeQuota,omitempty"`
	// vmTotalSnapshotSizeQuota is how many bytes the snapshots of a machine's volumes may take together, by the name of
	// the machine. Default none: 0, or no entry, is no limit. The entry of a machine goes with the machine.
	// +optional
	// +kubebuilder:validation:MaxProperties=10000
	// +kubebuilder:validation:XValidation:rule="self.all(machine, self[machine] >= 0)",message="vmTotalSnapshotSizeQuota must not be negative"
	VMTotalSnapshotSizeQuota map[string]int64 `json:"vmTotalSnapshotSizeQuota,omitempty"`
}

// ResourceQuotaStatus is what is used.
type ResourceQuotaStatus struct {
	// observedGeneration is the metadata.generation of the object that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions: Ready is True once what is used was counted; Stalled is always False.
	// +optional
	Conditions []Condition `json:"conditions,omitempty"`
	// snapshotLimitStatus is the space that snapshots take.
	// +optional
	SnapshotLimitStatus SnapshotLimitStatus `json:"snapshotLimitStatus,omitempty"`
}

// SnapshotLimitStatus is the space that snapshots take.
type SnapshotLimitStatus struct {
	// namespaceTotalSnapshotSizeUsage is how many bytes all snapshots of the namespace take together.
	// +optional
	NamespaceTotalSnapshotSizeUsage int64 `json:"namespaceTotalSnapshotSizeUsage,omitempty"`
	// vmTotalSnapshotSizeUsage is how many bytes the snapshots of a machine's volumes take together, by the name of the
	// machine. Named are machines that have a limit, and those that have snapshots.
	// +optional
	VMTotalSnapshotSizeUsage map[string]int64 `json:"vmTotalSnapshotSizeUsage,omitempty"`
}

// ResourceQuotaList is a list of ResourceQuota.
//
// +kubebuilder:object:root=true
type ResourceQuotaList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ResourceQuota `json:"items"`
}

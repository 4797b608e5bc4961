package longhorn

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Kinds of Longhorn's volumes by their full names.
var (
	VolumeKind  = GroupVersion.WithKind("Volume")
	ReplicaKind = GroupVersion.WithKind("Replica")
)

// Volume is a volume of Longhorn's, which a claim stands on.
type Volume struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Status VolumeStatus `json:"status,omitempty"`
}

// VolumeStatus is what Longhorn says of a volume.
type VolumeStatus struct {
	// KubernetesStatus is whose it is.
	KubernetesStatus KubernetesStatus `json:"kubernetesStatus,omitempty"`
}

// KubernetesStatus is the claim that stands on a volume.
type KubernetesStatus struct {
	// Namespace and PVCName are the claim's, empty while there is none.
	Namespace string `json:"namespace,omitempty"`
	PVCName   string `json:"pvcName,omitempty"`
}

// Replica is one copy of a volume, on a disk of one node.
type Replica struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ReplicaSpec `json:"spec,omitempty"`
}

// ReplicaSpec says where a copy lies and how it is.
type ReplicaSpec struct {
	// VolumeName is the volume, and NodeID the node, "" while the copy has no place.
	VolumeName string `json:"volumeName,omitempty"`
	NodeID     string `json:"nodeID,omitempty"`
	// HealthyAt is when the copy became whole, "" while it is built. FailedAt is when it failed, "" when it has not.
	HealthyAt string `json:"healthyAt,omitempty"`
	FailedAt  string `json:"failedAt,omitempty"`
}

// Whole says whether a copy has all bytes of its volume.
func (r *Replica) Whole() bool {
	return r.Spec.HealthyAt != "" && r.Spec.FailedAt == "" && r.Spec.NodeID != "" && r.DeletionTimestamp == nil
}

// OnlyOn are the names of the volumes that have whole copies on a node and on no other.
func OnlyOn(node string, replicas []Replica) map[string]bool {
	only, elsewhere := map[string]bool{}, map[string]bool{}
	for i := range replicas {
		switch replica := &replicas[i]; {
		case !replica.Whole():
		case replica.Spec.NodeID == node:
			only[replica.Spec.VolumeName] = true
		default:
			elsewhere[replica.Spec.VolumeName] = true
		}
	}
	for volume := range elsewhere {
		delete(only, volume)
	}
	return only
}

// VolumeList is a list of Volume.
type VolumeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Volume `json:"items"`
}

// ReplicaList is a list of Replica.
type ReplicaList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Replica `json:"items"`
}

// DeepCopyObject copies the volume.
func (v *Volume) DeepCopyObject() runtime.Object {
	c := *v
	v.ObjectMeta.DeepCopyInto(&c.ObjectMeta)
	return &c
}

// DeepCopyObject copies the copy.
func (r *Replica) DeepCopyObject() runtime.Object {
	c := *r
	r.ObjectMeta.DeepCopyInto(&c.ObjectMeta)
	return &c
}

// DeepCopyObject copies the list.
func (l *VolumeList) DeepCopyObject() runtime.Object {
	c := *l
	l.ListMeta.DeepCopyInto(&c.ListMeta)
	c.Items = make([]Volume, len(l.Items))
	for i := range l.Items {
		c.Items[i] = *l.Items[i].DeepCopyObject().(*Volume)
	}
	return &c
}

// DeepCopyObject copies the list.
func (l *ReplicaList) DeepCopyObject() runtime.Object {
	c := *l
	l.ListMeta.DeepCopyInto(&c.ListMeta)
	c.Items = make([]Replica, len(l.Items))
	for i := range l.Items {
		c.Items[i] = *l.Items[i].DeepCopyObject().(*Replica)
	}
	return &c
}

package longhorn

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Namespace is where Longhorn keeps its objects, all of them.
const Namespace = "longhorn-system"

// GroupVersion is where Longhorn's kinds are served.
var GroupVersion = schema.GroupVersion{Group: "longhorn.io", Version: "v1beta2"}

// BackingImageKind by its full name, and BackingImages as they stand in a URL and in RBAC rules.
var (
	BackingImageKind = GroupVersion.WithKind("BackingImage")
	BackingImages    = GroupVersion.WithResource("backingimages")
)

// BackingImage is a file that Longhorn keeps on its disks, and that volumes start from.
type BackingImage struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   BackingImageSpec   `json:"spec,omitempty"`
	Status BackingImageStatus `json:"status,omitempty"`
}

// BackingImageSpec says where the bytes come from, and how many copies of them lie where.
type BackingImageSpec struct {
	// SourceType is one of the Source words, and SourceParameters go with it.
	SourceType       string            `json:"sourceType,omitempty"`
	SourceParameters map[string]string `json:"sourceParameters,omitempty"`
	// Checksum is the SHA-512 of the file in hexadecimal; empty means that it is not checked.
	Checksum string `json:"checksum,omitempty"`
	// MinNumberOfCopies is on how many disks the file lies at least.
	MinNumberOfCopies int `json:"minNumberOfCopies,omitempty"`
	// DiskSelector and NodeSelector are tags that a disk or its node must have, all of them.
	DiskSelector []string `json:"diskSelector,omitempty"`
	NodeSelector []string `json:"nodeSelector,omitempty"`
	// Secret has the key of an encrypted file, in the namespace SecretNamespace.
	Secret          string `json:"secret,omitempty"`
	SecretNamespace string `json:"secretNamespace,omitempty"`
	// DataEngine is v1 or v2.
	DataEngine string `json:"dataEngine,omitempty"`
}

// BackingImageStatus is what Longhorn says of the file.
type BackingImageStatus struct {
	// Size of the file and VirtualSize of the disk inside, in bytes; 0 as long as they are not known.
	Size        int64 `json:"size,omitempty"`
	VirtualSize int64 `json:"virtualSize,omitempty"`
	// Checksum is the SHA-512 of the file, in hexadecimal.
	Checksum string `json:"checksum,omitempty"`
	// DiskFileStatusMap says how far the copy on each disk is, by the disk's UUID.
	DiskFileStatusMap map[string]*BackingImageCopy `json:"diskFileStatusMap,omitempty"`
}

// BackingImageCopy is how far the copy on one disk is.
type BackingImageCopy struct {
	// State is one of the Copy words.
	State string `json:"state,omitempty"`
	// Progress in percent.
	Progress int `json:"progress,omitempty"`
	// Message is why it failed.
	Message string `json:"message,omitempty"`
}

// States of a copy.
const (
	CopyPending    = "pending"
	CopyStarting   = "starting"
	CopyInProgress = "in-progress"
	CopyReady      = "ready"
	CopyFailed     = "failed"
	// CopyCleared is a copy that failed and whose file is gone.
	CopyCleared = "failed-and-cleanup"
)

// BackingImageList is a list of BackingImage.
type BackingImageList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []BackingImage `json:"items"`
}

// DeepCopyObject copies the image.
func (b *BackingImage) DeepCopyObject() runtime.Object {
	return b.DeepCopy()
}

// DeepCopy copies the image.
func (b *BackingImage) DeepCopy() *BackingImage {
	c := *b
	b.ObjectMeta.DeepCopyInto(&c.ObjectMeta)
	c.Spec.SourceParameters = maps.Clone(b.Spec.SourceParameters)
	c.Spec.DiskSelector = slices.Clone(b.Spec.DiskSelector)
	c.Spec.NodeSelector = slices.Clone(b.Spec.NodeSelector)
	c.Status.DiskFileStatusMap = maps.Clone(b.Status.DiskFileStatusMap)
	for disk, file := range c.Status.DiskFileStatusMap {
		if file != nil {
			one := *file
			c.Status.DiskFileStatusMap[disk] = &one
		}
	}
	return &c
}

// DeepCopyObject copies the list.
func (l *BackingImageList) DeepCopyObject() runtime.Object {
	c := *l
	l.ListMeta.DeepCopyInto(&c.ListMeta)
	c.Items = make([]BackingImage, len(l.Items))
	for i := range l.Items {
		c.Items[i] = *l.Items[i].DeepCopy()
	}
	return &c
}

// AddToScheme teaches a scheme Longhorn's kinds.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &BackingImage{}, &BackingImageList{}, &Volume{}, &VolumeList{}, &Replica{}, &ReplicaList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}

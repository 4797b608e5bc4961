package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DownloaderReady is True when the file can be fetched from status.downloadUrl.
const DownloaderReady = ConditionReady

// ImageCompressType is the form that an image is downloaded in.
//
// +kubebuilder:validation:Enum=qcow2
type ImageCompressType string

// ImageCompressQCOW2 leaves out what is empty of a disk.
const ImageCompressQCOW2 ImageCompressType = "qcow2"

// ImageDownloaderStatusWord says whether the file can be fetched.
//
// +kubebuilder:validation:Enum=Progressing;Ready
type ImageDownloaderStatusWord string

// Words for a downloader.
const (
	// DownloaderStatusProgressing is a downloader whose file cannot be fetched yet.
	DownloaderStatusProgressing ImageDownloaderStatusWord = "Progressing"
	// DownloaderStatusReady is a downloader whose file can be fetched.
	DownloaderStatusReady ImageDownloaderStatusWord = "Ready"
)

// VirtualMachineImageDownloader makes the file of an image ready to be fetched, in a form that a person can use. It has the
// name of its image, beside which it is, and goes with it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=virtualmachineimagedownloaders,singular=virtualmachineimagedownloader,shortName=vmimagedownloader;vmimagedownloaders,scope=Namespaced
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="IMAGE",type=string,JSONPath=`.spec.imageName`
// +kubebuilder:printcolumn:name="STATUS",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name == self.spec.imageName",message="a downloader must have the name of its image",fieldPath=".spec.imageName"
type VirtualMachineImageDownloader struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is to be fetched.
	Spec VirtualMachineImageDownloaderSpec `json:"spec"`
	// status is whether it can be fetched. Written by the server.
	// +optional
	Status VirtualMachineImageDownloaderStatus `json:"status,omitempty"`
}

// VirtualMachineImageDownloaderSpec is what is to be fetched. It stays as it was made.
type VirtualMachineImageDownloaderSpec struct {
	// imageName is the image in the same namespace, and the downloader's own name. Needed; it stays as it was made.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="imageName cannot be changed once the downloader exists"
	ImageName string `json:"imageName"`
	// compressType is the form of the file. Default qcow2, which is the only one. It stays as it was made.
	// +kubebuilder:default=qcow2
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="compressType cannot be changed once the downloader exists"
	// +optional
	CompressType ImageCompressType `json:"compressType,omitempty"`
}

// VirtualMachineImageDownloaderStatus is whether the file can be fetched.
type VirtualMachineImageDownloaderStatus struct {
	// observedGeneration is the metadata.generation of the spec that the status is about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// status is Progressing or Ready.
	// +optional
	Status ImageDownloaderStatusWord `json:"status,omitempty"`
	// downloadUrl is the path at the site's API that the file is fetched from.
	// +optional
	DownloadURL string `json:"downloadUrl,omitempty"`
	// conditions: Ready. The page of the capability "image" lists the reasons.
	// +optional
	Conditions []Condition `json:"conditions,omitempty"`
}

// VirtualMachineImageDownloaderList is a list of VirtualMachineImageDownloader.
//
// +kubebuilder:object:root=true
type VirtualMachineImageDownloaderList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []VirtualMachineImageDownloader `json:"items"`
}

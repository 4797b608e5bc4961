package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Conditions of a VirtualMachineImage.
const (
	// ImageInitialized is True once the source was reached and its size is known, Unknown until then, False when only a
	// person can help.
	ImageInitialized = "Initialized"
	// ImageImported is True once all bytes are there and checked, Unknown while they come, False after a failure.
	ImageImported = "Imported"
	// ImageRetryLimitExceeded is True when no further attempt is made until a person acts.
	ImageRetryLimitExceeded = "RetryLimitExceeded"
	// ImageBackingImageMissing is True when somebody took the backing image away that keeps the bytes, False as long as it
	// is there. Images of backend backingimage alone have it.
	ImageBackingImageMissing = "BackingImageMissing"
)

// ImageReasonSourceUsed is the reason of ImageImported while the volume to copy cannot be copied because somebody, such as a
// machine that runs, may write to it. The message says who.
const ImageReasonSourceUsed = "SourceInUse"

// ImageBackend says what keeps the bytes of an image.
//
// +kubebuilder:validation:Enum=backingimage;cdi
type ImageBackend string

// Backends of an image.
const (
	// ImageBackendCDI keeps an image as a claim that CDI filled, on any storage class.
	ImageBackendCDI ImageBackend = "cdi"
	// ImageBackendBackingImage keeps an image as Longhorn's backing image.
	ImageBackendBackingImage ImageBackend = "backingimage"
)

// ImageSourceType says where the bytes of an image come from.
//
// +kubebuilder:validation:Enum=download;upload;export-from-volume;restore;clone
type ImageSourceType string

// Sources of an image.
const (
	// ImageSourceDownload fetches spec.url.
	ImageSourceDownload ImageSourceType = "download"
	// ImageSourceUpload waits for somebody to send the bytes.
	ImageSourceUpload ImageSourceType = "upload"
	// ImageSourceVolume copies the claim spec.pvcNamespace/spec.pvcName.
	ImageSourceVolume ImageSourceType = "export-from-volume"
	// ImageSourceRestore comes back from the backup target.
	ImageSourceRestore ImageSourceType = "restore"
	// ImageSourceClone encrypts or decrypts another image.
	ImageSourceClone ImageSourceType = "clone"
)

// ImageCryptoOperation says what a clone does to the bytes of its source.
//
// +kubebuilder:validation:Enum=encrypt;decrypt
type ImageCryptoOperation string

// VirtualMachineImage is a disk that new volumes start from.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=virtualmachineimages,singular=virtualmachineimage,shortName=vmimage;vmimages,scope=Namespaced
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="DISPLAY-NAME",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="SIZE",type=integer,JSONPath=`.status.size`
// +kubebuilder:printcolumn:name="VIRTUAL-SIZE",type=integer,JSONPath=`.status.virtualSize`
// +kubebuilder:printcolumn:name="PROGRESS",type=integer,JSONPath=`.status.progress`
// +kubebuilder:printcolumn:name="IMPORTED",type=string,JSONPath=`.status.conditions[?(@.type=="Imported")].status`
// +kubebuilder:printcolumn:name="SOURCE",type=string,JSONPath=`.spec.sourceType`
// +kubebuilder:printcolumn:name="STORAGE-CLASS",type=string,JSONPath=`.status.storageClassName`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
type VirtualMachineImage struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what the image is and where it comes from.
	Spec VirtualMachineImageSpec `json:"spec"`
	// status is how far the image has come. Written by the server.
	// +optional
	Status VirtualMachineImageStatus `json:"status,omitempty"`
}

// VirtualMachineImageSpec is what the image is and where it comes from. All but description and retry stay as they were
// made: volumes have been cut from them. A text that is empty is as good as one that is missing: Harvester's own client
// library writes back every text of an image that it has read.
//
// +kubebuilder:validation:XValidation:rule="self.sourceType != 'download' || (has(self.url) && size(self.url) > 0)",message="url is needed when sourceType is download",fieldPath=".url",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="self.sourceType == 'download' || self.sourceType == 'restore' || !has(self.url) || size(self.url) == 0",message="url must be empty unless sourceType is download",fieldPath=".url",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="self.sourceType != 'export-from-volume' || (has(self.pvcName) && size(self.pvcName) > 0)",message="pvcName is needed when sourceType is export-from-volume",fieldPath=".pvcName",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="self.sourceType != 'export-from-volume' || (has(self.pvcNamespace) && size(self.pvcNamespace) > 0)",message="pvcNamespace is needed when sourceType is export-from-volume",fieldPath=".pvcNamespace",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="self.sourceType != 'clone' || has(self.securityParameters)",message="securityParameters are needed when sourceType is clone",fieldPath=".securityParameters",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="(has(self.url) && size(self.url) > 0) ? (has(oldSelf.url) && self.url == oldSelf.url) : (!has(oldSelf.url) || size(oldSelf.url) == 0)",message="url cannot be changed once the image exists",fieldPath=".url"
// +kubebuilder:validation:XValidation:rule="(has(self.pvcName) && size(self.pvcName) > 0) ? (has(oldSelf.pvcName) && self.pvcName == oldSelf.pvcName) : (!has(oldSelf.pvcName) || size(oldSelf.pvcName) == 0)",message="pvcName cannot be changed once the image exists",fieldPath=".pvcName"
// +kubebuilder:validation:XValidation:rule="(has(self.checksum) && size(self.checksum) > 0) ? (has(oldSelf.checksum) && self.checksum == oldSelf.checksum) : (!has(oldSelf.checksum) || size(oldSelf.checksum) == 0)",message="checksum cannot be changed once the image exists",fieldPath=".checksum"
// +kubebuilder:validation:XValidation:rule="(has(self.pvcNamespace) && size(self.pvcNamespace) > 0) ? (has(oldSelf.pvcNamespace) && self.pvcNamespace == oldSelf.pvcNamespace) : (!has(oldSelf.pvcNamespace) || size(oldSelf.pvcNamespace) == 0)",message="pvcNamespace cannot be changed once the image exists",fieldPath=".pvcNamespace"
// +kubebuilder:validation:XValidation:rule="(has(self.targetStorageClassName) && size(self.targetStorageClassName) > 0) ? (has(oldSelf.targetStorageClassName) && self.targetStorageClassName == oldSelf.targetStorageClassName) : (!has(oldSelf.targetStorageClassName) || size(oldSelf.targetStorageClassName) == 0)",message="targetStorageClassName cannot be changed once the image exists",fieldPath=".targetStorageClassName"
// +kubebuilder:validation:XValidation:rule="has(self.storageClassParameters) == has(oldSelf.storageClassParameters) && (!has(self.storageClassParameters) || self.storageClassParameters == oldSelf.storageClassParameters)",message="storageClassParameters cannot be changed once the image exists",fieldPath=".storageClassParameters"
// +kubebuilder:validation:XValidation:rule="has(self.securityParameters) == has(oldSelf.securityParameters) && (!has(self.securityParameters) || self.securityParameters == oldSelf.securityParameters)",message="securityParameters cannot be changed once the image exists",fieldPath=".securityParameters"
type VirtualMachineImageSpec struct {
	// backend says what keeps the bytes. Default cdi: a claim, on any storage class. backingimage is a backing image of
	// Longhorn, with a storage class of its own; on storage that is not Longhorn, it becomes cdi. It stays as it was made.
	// +kubebuilder:default=cdi
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="backend cannot be changed once the image exists"
	// +optional
	Backend ImageBackend `json:"backend,omitempty"`
	// displayName is what people call the image; unique in its namespace and fit for a label value. Needed; it
	// stays as it was made.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="displayName cannot be changed once the image exists"
	DisplayName string `json:"displayName"`
	// description is free text. Default none. It may change at any time.
	// +optional
	Description string `json:"description,omitempty"`
	// sourceType says where the bytes come from. Needed; it stays as it was made.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="sourceType cannot be changed once the image exists"
	SourceType ImageSourceType `json:"sourceType"`
	// url is fetched by GET, http or https; qcow2, raw and ISO files, also compressed by gzip or xz. Needed for sourceType
	// download, empty otherwise, which is the default. It stays as it was made.
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	URL string `json:"url,omitempty"`
	// checksum is the SHA-512 of the file at url, or of the file that is uploaded, in hexadecimal. Default empty: it is not
	// checked. It stays as it was made.
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^([0-9a-fA-F]{128})?$`
	// +optional
	Checksum string `json:"checksum,omitempty"`
	// pvcName is the claim to copy. Needed for sourceType export-from-volume, by default empty otherwise. It stays as it was
	// made.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	PVCName string `json:"pvcName,omitempty"`
	// pvcNamespace is where the claim to copy is. Needed for sourceType export-from-volume, by default empty otherwise. It
	// stays as it was made.
	// +kubebuilder:validation:MaxLength=63
	// +optional
	PVCNamespace string `json:"pvcNamespace,omitempty"`
	// retry is how many further attempts follow a failed one, 0 to 10. Default 3. It may change at any time; the next
	// failure is judged by it.
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	// +optional
	Retry int `json:"retry"`
	// storageClassParameters are the parameters of the class that backend backingimage makes for this image. Default: those
	// of the class that targetStorageClassName, the annotation harvesterhci.io/storageClassName or the site names. They stay as
	// they were made.
	// +kubebuilder:validation:MaxProperties=64
	// +optional
	StorageClassParameters map[string]StorageClassParameter `json:"storageClassParameters,omitempty"`
	// targetStorageClassName is the class that the bytes are kept on by backend cdi, and whose parameters the image's own
	// class begins with by backend backingimage. Default: the annotation harvesterhci.io/storageClassName, else the site's
	// default class. It stays as it was made.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	TargetStorageClassName string `json:"targetStorageClassName,omitempty"`
	// securityParameters say what sourceType clone does to which image. Needed for it, by default empty otherwise. They stay
	// as they were made.
	// +optional
	SecurityParameters *ImageSecurityParameters `json:"securityParameters,omitempty"`
}

// StorageClassParameter is one parameter's value.
//
// +kubebuilder:validation:MaxLength=1024
type StorageClassParameter string

// ImageSecurityParameters say what a clone does to which image.
type ImageSecurityParameters struct {
	// cryptoOperation is encrypt or decrypt. Needed.
	CryptoOperation ImageCryptoOperation `json:"cryptoOperation"`
	// sourceImageName is the image to read. Needed.
	// +kubebuilder:validation:MaxLength=253
	SourceImageName string `json:"sourceImageName"`
	// sourceImageNamespace is where that image is. Needed.
	// +kubebuilder:validation:MaxLength=63
	SourceImageNamespace string `json:"sourceImageNamespace"`
}

// VirtualMachineImageStatus is how far the image has come.
type VirtualMachineImageStatus struct {
	// observedGeneration is the metadata.generation of the spec that the status is about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// appliedUrl is the url that the bytes were or are being fetched from.
	// +optional
	AppliedURL string `json:"appliedUrl,omitempty"`
	// progress in percent, 0 to 100.
	// +optional
	Progress int `json:"progress,omitempty"`
	// size of the file in bytes, as the source says; 0 while unknown.
	// +optional
	Size int64 `json:"size,omitempty"`
	// virtualSize is the size in bytes of the disk that a guest sees, and the least size of a volume cut from the image.
	// +optional
	VirtualSize int64 `json:"virtualSize,omitempty"`
	// storageClassName is the class that a volume cut from this image should have: by backend backingimage its own, lh-<uid>.
	// +optional
	StorageClassName string `json:"storageClassName,omitempty"`
	// targetStorageClassName is the class that the image itself is kept on, or that its own class was made of.
	// +optional
	TargetStorageClassName string `json:"targetStorageClassName,omitempty"`
	// failed counts the attempts that have failed.
	// +kubebuilder:default=0
	// +kubebuilder:validation:Minimum=0
	// +optional
	Failed int `json:"failed"`
	// lastFailedTime is when the last attempt failed, in RFC 3339.
	// +optional
	LastFailedTime string `json:"lastFailedTime,omitempty"`
	// conditions: Ready, Stalled, Initialized, Imported, RetryLimitExceeded, BackingImageMissing. The page of the capability "image" lists the reasons.
	// +optional
	Conditions []Condition `json:"conditions,omitempty"`
}

// OwnClass is the name of the class that volumes of an image alone have, by backend backingimage.
func (i *VirtualMachineImage) OwnClass() string {
	return "lh-" + string(i.UID)
}

// BackingImage is the name of the backing image that keeps the bytes, by backend backingimage.
func (i *VirtualMachineImage) BackingImage() string {
	return "vmi-" + string(i.UID)
}

// IsBacked says whether a backing image of Longhorn keeps the bytes, and no claim.
func (i *VirtualMachineImage) IsBacked() bool {
	return i.Spec.Backend == ImageBackendBackingImage
}

// NamesClass says whether a storage class is named as Harvester names the class that it makes for an image alone:
// lh-<uid>, and longhorn-<name> before its version 1.8. Clients make up that name instead of reading the status.
func (i *VirtualMachineImage) NamesClass(class string) bool {
	return class == i.OwnClass() || class == i.CalledClass()
}

// CalledClass is what clients call the image's own class that know the image by its name alone.
func (i *VirtualMachineImage) CalledClass() string {
	return "longhorn-" + i.Name
}

// Ready says whether volumes can be cut from the image.
func (i *VirtualMachineImage) Ready() bool {
	return ConditionIsTrue(i.Status.Conditions, ImageImported)
}

// Hindrance says what keeps the bytes of an image from coming: a failure, or who uses what they are a copy of; "" while they
// come, and once they are there.
func (i *VirtualMachineImage) Hindrance() string {
	imported := ConditionOf(i.Status.Conditions, ImageImported)
	if imported != nil && (imported.Status == metav1.ConditionFalse || imported.Reason == ImageReasonSourceUsed) {
		return imported.Message
	}
	return ""
}

// VirtualMachineImageList is a list of VirtualMachineImage.
//
// +kubebuilder:object:root=true
type VirtualMachineImageList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []VirtualMachineImage `json:"items"`
}

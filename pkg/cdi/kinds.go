package cdi

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	uploadv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/upload/v1beta1"
)

// The kinds of CDI, so that nobody else has to import them.
type (
	// DataVolume is a claim together with where its bytes come from.
	DataVolume = cdiv1.DataVolume
	// DataVolumeList is a list of DataVolume.
	DataVolumeList = cdiv1.DataVolumeList
	// Condition is one condition of a DataVolume.
	Condition = cdiv1.DataVolumeCondition
	// Phase is CDI's own word for how far a DataVolume has come.
	Phase = cdiv1.DataVolumePhase
	// Progress is CDI's own text for how much of a DataVolume is there, such as "42.5%".
	Progress = cdiv1.DataVolumeProgress
	// StorageProfile is what CDI knows about a storage class.
	StorageProfile = cdiv1.StorageProfile
	// StorageProfileStatus is what it has come to know.
	StorageProfileStatus = cdiv1.StorageProfileStatus
	// CloneStrategy is how CDI copies the claims of a storage class.
	CloneStrategy = cdiv1.CDICloneStrategy
	// Config is what CDI goes by in a cluster.
	Config = cdiv1.CDIConfig
	// ConfigSpec is what somebody tells CDI to go by, and ImportProxySpec its part about proxies.
	ConfigSpec      = cdiv1.CDIConfigSpec
	ImportProxySpec = cdiv1.ImportProxy
	// UploadTokenRequest asks for the right to send the bytes of a claim.
	UploadTokenRequest = uploadv1.UploadTokenRequest
)

// CloneByCopy is the strategy that reads every byte and writes it again; the others leave it to the driver.
const CloneByCopy = cdiv1.CloneStrategyHostAssisted

// ConfigName is the name of the only Config.
const ConfigName = "config"

// GroupVersion is where CDI's kinds are served.
var GroupVersion = cdiv1.SchemeGroupVersion

// Kinds by their full name.
var (
	DataVolumeKind     = GroupVersion.WithKind("DataVolume")
	StorageProfileKind = GroupVersion.WithKind("StorageProfile")
	ConfigKind         = GroupVersion.WithKind("CDIConfig")

	// UploadTokenRequestKind is served by CDI's own API server, and kept nowhere.
	UploadTokenRequestKind = uploadv1.SchemeGroupVersion.WithKind("UploadTokenRequest")
)

// DataVolumes as they stand in a URL and in RBAC rules.
var DataVolumes = GroupVersion.WithResource("datavolumes")

var builder = runtime.SchemeBuilder{cdiv1.AddToScheme, uploadv1.AddToScheme}

// AddToScheme teaches a scheme CDI's kinds.
var AddToScheme = builder.AddToScheme

// annotationImmediateBinding has CDI fill a volume at once, also on a class that waits for its first consumer: an image
// never has one. A machine's disk does, and waits for it, so that it comes to lie near its machine.
const annotationImmediateBinding = "cdi.kubevirt.io/storage.bind.immediate.requested"

// annotationDeleteAfterCompletion keeps a finished DataVolume: it is the owner of its claim.
const annotationDeleteAfterCompletion = "cdi.kubevirt.io/storage.deleteAfterCompletion"

// IsKept says whether a claim is of a DataVolume that Croft has made, and that is kept when it is filled.
func IsKept(claim *corev1.PersistentVolumeClaim) bool {
	return claim.Annotations[annotationDeleteAfterCompletion] == "false"
}

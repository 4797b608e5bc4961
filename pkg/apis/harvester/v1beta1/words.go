package v1beta1

// Annotations that clients and controllers agree on. The value's form follows each name.
const (
	// AnnotationVolumeClaimTemplates, on a machine: a JSON array of PersistentVolumeClaims to be made for it.
	AnnotationVolumeClaimTemplates = "harvesterhci.io/volumeClaimTemplates"
	// AnnotationImageID, on a claim or claim template: "namespace/name" of the image that the bytes come from.
	AnnotationImageID = "harvesterhci.io/imageId"
	// AnnotationGoldenImage, on a claim: "true" marks the bytes of an image, not to be mounted or deleted by hand.
	AnnotationGoldenImage = "harvesterhci.io/goldenImage"
	// AnnotationOwnedBy, on a claim: a JSON array [{"schema","refs":["namespace/name"]}] of the machines that use it.
	AnnotationOwnedBy = "harvesterhci.io/owned-by"
	// AnnotationRemovedClaims, on a machine: names of the claims, separated by commas, that go with it when it is deleted.
	AnnotationRemovedClaims = "harvesterhci.io/removedPersistentVolumeClaims"
	// AnnotationDefaultClass, on a storage class: "true" marks the class of claims that name none. It is Kubernetes' own.
	AnnotationDefaultClass = "storageclass.kubernetes.io/is-default-class"
	// AnnotationStorageClassName, on an image: the class its bytes are to be kept on.
	AnnotationStorageClassName = "harvesterhci.io/storageClassName"
	// AnnotationUpload, on an image: the JSON object of the last attempt to upload its bytes; on its volume: the attempt's id.
	AnnotationUpload = "harvesterhci.io/upload"
	// AnnotationRunStrategy, on a machine: the run strategy to go back to on start.
	AnnotationRunStrategy = "harvesterhci.io/vmRunStrategy"
	// AnnotationReservedMemory, on a machine: a quantity that is kept from the guest.
	AnnotationReservedMemory = "harvesterhci.io/reservedMemory"
	// AnnotationMACAddress, on a machine: JSON object of interface name to hardware address.
	AnnotationMACAddress = "harvesterhci.io/mac-address"
	// AnnotationHotplug, on a machine: "true" lets it get processors and memory while it runs.
	AnnotationHotplug = "harvesterhci.io/enableCPUAndMemoryHotplug"
	// AnnotationClaimProblem, on a machine: the sentence that says why a claim of it cannot be made; absent when all is well.
	AnnotationClaimProblem = "harvesterhci.io/volumeClaimProblem"
	// AnnotationInsufficientQuota, on a machine: the sentence that says that its namespace has no quota left for it.
	AnnotationInsufficientQuota = "harvesterhci.io/insufficient-resource-quota"
)

// SystemNamespace is where Croft's own objects of a site are, as Harvester's.
const SystemNamespace = "harvester-system"

// Labels that clients and controllers agree on.
const (
	// LabelImageDisplayName, on an image: its display name.
	LabelImageDisplayName = "harvesterhci.io/imageDisplayName"
	// LabelManaged, on a node: any value; Rancher takes a cluster with such a node for a Harvester one.
	LabelManaged = "harvesterhci.io/managed"
	// LabelMaintenanceStrategy, on a machine: what happens to it when its node goes into maintenance.
	LabelMaintenanceStrategy = "harvesterhci.io/maintain-mode-strategy"
	// LabelGuestCluster, on a machine: the guest cluster that it is a node of.
	LabelGuestCluster = "guestcluster.harvesterhci.io/name"
)

// Names of the settings that other parts read.
const (
	SettingServerVersion          = "server-version"
	SettingDefaultStorageClass    = "default-storage-class"
	SettingOvercommit             = "overcommit-config"
	SettingTerminationGracePeriod = "default-vm-termination-grace-period-seconds"
	SettingMemoryOverheadRatio    = "additional-guest-memory-overhead-ratio"
	SettingMaxHotplugRatio        = "max-hotplug-ratio"
)

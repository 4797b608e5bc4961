package v1beta1

// Annotations that clients and controllers agree on. The value's form follows each name.
const (
	// AnnotationVolumeClaimTemplates, on a machine: a JSON array of PersistentVolumeClaims to be made for it.
	AnnotationVolumeClaimTemplates = "harvesterhci.io/volumeClaimTemplates"
	// AnnotationImageID, on a claim or claim template: "namespace/name" of the image that the bytes come from.
	AnnotationImageID = "harvesterhci.io/imageId"
	// AnnotationGoldenImage, on a claim: "true" marks the bytes of an image, not to be mounted or deleted by hand.
	AnnotationGoldenImage = "harvesterhci.io/goldenImage"
	// AnnotationForMachine, on a claim with a file system: "true" has it get an empty disk, to be plugged into a machine.
	AnnotationForMachine = "harvesterhci.io/volumeForVirtualMachine"
	// AnnotationOwnedBy, on a claim: a JSON array [{"schema","refs":["namespace/name"]}] of the machines that use it.
	AnnotationOwnedBy = "harvesterhci.io/owned-by"
	// AnnotationTakenBy, on a claim that several machines use: namespace/name of the one that runs with it, or ran with it
	// last, and behind a space what makes its taking unlike others; absent while one machine alone uses the claim.
	AnnotationTakenBy = "crofthci.io/taken-by"
	// AnnotationEjected, on a claim: "true" has it go as soon as no machine has it any more. Whoever empties a CD-ROM drive
	// writes it first; only who may delete the claim may write it.
	AnnotationEjected = "harvesterhci.io/ejected"
	// AnnotationRemovedClaims, on a machine: names of the claims, separated by commas, that go with it when it is deleted.
	AnnotationRemovedClaims = "harvesterhci.io/removedPersistentVolumeClaims"
	// AnnotationDefaultClass, on a storage class: "true" marks the class of claims that name none. It is Kubernetes' own.
	AnnotationDefaultClass = "storageclass.kubernetes.io/is-default-class"
	// AnnotationStorageClassName, on an image: the class its bytes are to be kept on.
	AnnotationStorageClassName = "harvesterhci.io/storageClassName"
	// AnnotationUpload, on an image: the JSON object of the last attempt to upload its bytes; on its volume: the attempt's id.
	AnnotationUpload = "harvesterhci.io/upload"
	// AnnotationStorageProvisioner, on a snapshot: the driver of the volume that it was taken of.
	AnnotationStorageProvisioner = "harvesterhci.io/storageProvisioner"
	// AnnotationVolumeMode, on a snapshot: Block or Filesystem, as the volume that it was taken of.
	AnnotationVolumeMode = "harvesterhci.io/volumeMode"
	// AnnotationAccessModes, on a snapshot: the access modes of the volume that it was taken of, separated by commas.
	AnnotationAccessModes = "harvesterhci.io/accessModes"
	// AnnotationExpansionCancelled, on a claim: the size that somebody has cancelled; the machine's wish for as much or less
	// makes it grow no more.
	AnnotationExpansionCancelled = "harvesterhci.io/expansionCancelled"
	// AnnotationReservedClass, on a storage class: "true" marks a class of the site's own, not to be deleted.
	AnnotationReservedClass = "harvesterhci.io/is-reserved-storageclass"
	// AnnotationRunStrategy, on a machine: the run strategy to go back to on start.
	AnnotationRunStrategy = "harvesterhci.io/vmRunStrategy"
	// AnnotationReservedMemory, on a machine: a quantity that is kept from the guest.
	AnnotationReservedMemory = "harvesterhci.io/reservedMemory"
	// AnnotationSSHNames, on a machine's template: a JSON array of "namespace/name" of the keys that the guest was given.
	AnnotationSSHNames = "harvesterhci.io/sshNames"
	// AnnotationMACAddress, on a machine: JSON object of interface name to hardware address.
	AnnotationMACAddress = "harvesterhci.io/mac-address"
	// AnnotationHotplug, on a machine: "true" lets it get processors and memory while it runs.
	AnnotationHotplug = "harvesterhci.io/enableCPUAndMemoryHotplug"
	// AnnotationClaimProblem, on a machine: the sentence that says why a claim of it cannot be made; absent when all is well.
	AnnotationClaimProblem = "harvesterhci.io/volumeClaimProblem"
	// AnnotationInsufficientQuota, on a machine: the sentence that says that its namespace has no quota left for it.
	AnnotationInsufficientQuota = "harvesterhci.io/insufficient-resource-quota"
	// AnnotationMigratingPrefix begins annotations on a namespace's quota: behind it the UID of a migration, as value a JSON
	// object of resources to what the quota was made larger by for it.
	AnnotationMigratingPrefix = "harvesterhci.io/migratingUID-"
	// AnnotationQuotaBefore, on a namespace's quota: a JSON object of resources to their limits without the migrations.
	AnnotationQuotaBefore = "harvesterhci.io/quotaBeforeMigration"
	// AnnotationSkipScaling, on a namespace's quota: "true" has it never made larger for a migration.
	AnnotationSkipScaling = "harvesterhci.io/skipResourceQuotaAutoScaling"
	// AnnotationMigrationState, on an instance that migrates: how far the migration has come.
	AnnotationMigrationState = "harvesterhci.io/migrationState"
	// AnnotationMigrationUID, on an instance that migrates: the UID of the migration.
	AnnotationMigrationUID = "harvesterhci.io/migrationUID"
	// AnnotationMigrationTarget, on an instance that migrates: the node that it goes to, once it is known.
	AnnotationMigrationTarget = "harvesterhci.io/migrationTargetNodeName"
	// AnnotationMaintainStatus, on a node: running while its machines leave it, completed when none is left.
	AnnotationMaintainStatus = "harvesterhci.io/maintain-status"
	// AnnotationDrainForced, on a node in maintenance: "true" shuts down the machines that cannot be moved.
	AnnotationDrainForced = "harvesterhci.io/drain-forced"
	// AnnotationMaintainProblem, on a node in maintenance: the sentence that names the machines that cannot leave it.
	AnnotationMaintainProblem = "harvesterhci.io/maintainProblem"
	// AnnotationHostName, on a node: the name that people call it by.
	AnnotationHostName = "harvesterhci.io/host-custom-name"
	// AnnotationHostConsole, on a node: the URL of its hardware's console.
	AnnotationHostConsole = "harvesterhci.io/host-console-url"
)

// Words of AnnotationMaintainStatus.
const (
	MaintenanceRunning   = "running"
	MaintenanceCompleted = "completed"
)

// Words of LabelMaintenanceStrategy.
const (
	// MaintenanceMigrate moves the machine while it runs. It is the default.
	MaintenanceMigrate = "Migrate"
	// MaintenanceShutdown shuts the machine down. It stays off.
	MaintenanceShutdown = "Shutdown"
	// MaintenanceRestartElsewhere shuts the machine down and starts it on another node.
	MaintenanceRestartElsewhere = "ShutdownAndRestartAfterEnable"
	// MaintenanceRestartAfter shuts the machine down and starts it when the maintenance is over.
	MaintenanceRestartAfter = "ShutdownAndRestartAfterDisable"
)

// SystemNamespace is where Croft's own objects of a site are, as Harvester's.
const SystemNamespace = "harvester-system"

// Labels that clients and controllers agree on.
const (
	// LabelImageDisplayName, on an image: its display name.
	LabelImageDisplayName = "harvesterhci.io/imageDisplayName"
	// LabelManaged, on a node: any value; Rancher takes a cluster with such a node for a Harvester one.
	LabelManaged = "harvesterhci.io/managed"
	// LabelCloudInitTemplate, on a ConfigMap: user or network, for what its key cloudInit is a template of.
	LabelCloudInitTemplate = "harvesterhci.io/cloud-init-template"
	// LabelTemplate, on a template's version: the name of the template.
	LabelTemplate = "template.harvesterhci.io/templateID"
	// LabelMaintenanceStrategy, on a machine: what happens to it when its node goes into maintenance.
	LabelMaintenanceStrategy = "harvesterhci.io/maintain-mode-strategy"
	// LabelGuestCluster, on a machine: the guest cluster that it is a node of.
	LabelGuestCluster = "guestcluster.harvesterhci.io/name"
	// LabelGuestPool, on a machine: the pool of that cluster that it belongs to.
	LabelGuestPool = "nodepool.harvesterhci.io/name"
	// LabelCreator, on a machine: which program has made it.
	LabelCreator = "harvesterhci.io/creator"
	// CreatorNodeDriver is what Rancher's node driver calls itself there.
	CreatorNodeDriver = "docker-machine-driver-harvester"
)

// Storage classes of the site's own, which nobody makes a volume of by hand.
const (
	ClassLonghornStatic = "longhorn-static"
	ClassMachineState   = "vmstate-persistence"
)

// Annotations of a storage class that are handed on to CDI.
const (
	// AnnotationFilesystemOverhead is the part, from 0 to 1, that a file system keeps of a volume.
	AnnotationFilesystemOverhead = "cdi.harvesterhci.io/filesystemOverhead"
	// AnnotationCloneStrategy is copy, snapshot or csi-clone.
	AnnotationCloneStrategy = "cdi.harvesterhci.io/storageProfileCloneStrategy"
	// AnnotationModes is a JSON object of a volume mode to its access modes, the best first.
	AnnotationModes = "cdi.harvesterhci.io/storageProfileVolumeModeAccessModes"
	// AnnotationSnapshotClass is the snapshot class that volumes are cloned by.
	AnnotationSnapshotClass = "cdi.harvesterhci.io/storageProfileVolumeSnapshotClass"
	// LabelMaintenanceNode, on a machine: the node whose maintenance shut it down, until it is started again.
	LabelMaintenanceNode = "harvesterhci.io/maintain-mode-strategy-node-name"
	// TaintWitness is the key of the taint of a witness, by which nothing but the cluster's own comes to it.
	TaintWitness = "node-role.kubernetes.io/etcd"
	// LabelWitness, on a node: any value; the node keeps the cluster's quorum and runs no machines.
	LabelWitness = "node-role.harvesterhci.io/witness"
)

// Names of the settings that other parts read.
const (
	SettingBackupTarget           = "backup-target"
	SettingDriverConfig           = "csi-driver-config"
	SettingOnlineExpand           = "csi-online-expand-validation"
	SettingServerVersion          = "server-version"
	SettingStorageNetwork         = "storage-network"
	SettingAdditionalCA           = "additional-ca"
	SettingHTTPProxy              = "http-proxy"
	SettingLogLevel               = "log-level"
	SettingForceReset             = "vm-force-reset-policy"
	SettingMigration              = "kubevirt-migration"
	SettingRegistration           = "cluster-registration-url"
	SettingDefaultStorageClass    = "default-storage-class"
	SettingOvercommit             = "overcommit-config"
	SettingTerminationGracePeriod = "default-vm-termination-grace-period-seconds"
	SettingMemoryOverheadRatio    = "additional-guest-memory-overhead-ratio"
	SettingMaxHotplugRatio        = "max-hotplug-ratio"
)

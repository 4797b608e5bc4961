package kubevirt

import (
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// When KubeVirt keeps a machine running.
const (
	RunStrategyAlways         = kubevirtv1.RunStrategyAlways
	RunStrategyHalted         = kubevirtv1.RunStrategyHalted
	RunStrategyManual         = kubevirtv1.RunStrategyManual
	RunStrategyRerunOnFailure = kubevirtv1.RunStrategyRerunOnFailure
	RunStrategyOnce           = kubevirtv1.RunStrategyOnce
	RunStrategyWaitAsReceiver = kubevirtv1.RunStrategyWaitAsReceiver
)

// KubeVirt's own words for the state of a VirtualMachine (status.printableStatus).
const (
	StatusStopped                 = kubevirtv1.VirtualMachineStatusStopped
	StatusProvisioning            = kubevirtv1.VirtualMachineStatusProvisioning
	StatusStarting                = kubevirtv1.VirtualMachineStatusStarting
	StatusRunning                 = kubevirtv1.VirtualMachineStatusRunning
	StatusPaused                  = kubevirtv1.VirtualMachineStatusPaused
	StatusStopping                = kubevirtv1.VirtualMachineStatusStopping
	StatusTerminating             = kubevirtv1.VirtualMachineStatusTerminating
	StatusCrashLoopBackOff        = kubevirtv1.VirtualMachineStatusCrashLoopBackOff
	StatusMigrating               = kubevirtv1.VirtualMachineStatusMigrating
	StatusUnknown                 = kubevirtv1.VirtualMachineStatusUnknown
	StatusUnschedulable           = kubevirtv1.VirtualMachineStatusUnschedulable
	StatusErrImagePull            = kubevirtv1.VirtualMachineStatusErrImagePull
	StatusImagePullBackOff        = kubevirtv1.VirtualMachineStatusImagePullBackOff
	StatusPvcNotFound             = kubevirtv1.VirtualMachineStatusPvcNotFound
	StatusDataVolumeError         = kubevirtv1.VirtualMachineStatusDataVolumeError
	StatusWaitingForVolumeBinding = kubevirtv1.VirtualMachineStatusWaitingForVolumeBinding
	StatusWaitingForReceiver      = kubevirtv1.VirtualMachineStatusWaitingForReceiver
)

// UpdateVolumesMigration has KubeVirt move the bytes of a running machine when its volumes name other claims.
const UpdateVolumesMigration = kubevirtv1.UpdateVolumesStrategyMigration

// How far a VirtualMachineInstance has come.
const (
	PhaseUnset      = kubevirtv1.VmPhaseUnset
	PhasePending    = kubevirtv1.Pending
	PhaseScheduling = kubevirtv1.Scheduling
	PhaseScheduled  = kubevirtv1.Scheduled
	PhaseRunning    = kubevirtv1.Running
	PhaseSucceeded  = kubevirtv1.Succeeded
	PhaseFailed     = kubevirtv1.Failed
	PhaseUnknown    = kubevirtv1.Unknown
)

// How far a Migration has come.
const (
	MigrationPhaseUnset      = kubevirtv1.MigrationPhaseUnset
	MigrationPending         = kubevirtv1.MigrationPending
	MigrationScheduling      = kubevirtv1.MigrationScheduling
	MigrationScheduled       = kubevirtv1.MigrationScheduled
	MigrationPreparingTarget = kubevirtv1.MigrationPreparingTarget
	MigrationTargetReady     = kubevirtv1.MigrationTargetReady
	MigrationRunning         = kubevirtv1.MigrationRunning
	MigrationSucceeded       = kubevirtv1.MigrationSucceeded
	MigrationFailed          = kubevirtv1.MigrationFailed
)

// Conditions of a VirtualMachine.
const (
	ConditionFailure         = kubevirtv1.VirtualMachineFailure
	ConditionReady           = kubevirtv1.VirtualMachineReady
	ConditionRestartRequired = kubevirtv1.VirtualMachineRestartRequired
	ConditionManualRecovery  = kubevirtv1.VirtualMachineManualRecoveryRequired
)

// Conditions of a VirtualMachineInstance.
const (
	InstanceReady              = kubevirtv1.VirtualMachineInstanceReady
	InstancePaused             = kubevirtv1.VirtualMachineInstancePaused
	InstanceAgentConnected     = kubevirtv1.VirtualMachineInstanceAgentConnected
	InstanceLiveMigratable     = kubevirtv1.VirtualMachineInstanceIsMigratable
	InstanceSynchronized       = kubevirtv1.VirtualMachineInstanceSynchronized
	InstanceDataVolumesReady   = kubevirtv1.VirtualMachineInstanceDataVolumesReady
	InstanceVolumesChange      = kubevirtv1.VirtualMachineInstanceVolumesChange
	InstanceStorageMigratable  = kubevirtv1.VirtualMachineInstanceIsStorageLiveMigratable
	InstanceProcessorsChange   = kubevirtv1.VirtualMachineInstanceVCPUChange
	InstanceMemoryChange       = kubevirtv1.VirtualMachineInstanceMemoryChange
	InstanceProvisioning       = kubevirtv1.VirtualMachineInstanceProvisioning
	InstanceMigrationRequired  = kubevirtv1.VirtualMachineInstanceMigrationRequired
	InstanceUnsupportedAgent   = kubevirtv1.VirtualMachineInstanceUnsupportedAgent
	InstanceAccessCredentialOK = kubevirtv1.VirtualMachineInstanceAccessCredentialsSynchronized
)

// Labels and requests that others read.
const (
	// NodeSchedulable is the node label that virt-handler keeps while it can run machines there.
	NodeSchedulable = kubevirtv1.NodeSchedulable
	// AppLabel is the label by which KubeVirt's pods say what they are, AppLauncher its value on a machine's pod, and
	// DomainAnnotation the annotation of such a pod that holds the name of its machine.
	AppLabel         = kubevirtv1.AppLabel
	AppLauncher      = "virt-launcher"
	DomainAnnotation = kubevirtv1.DomainAnnotation
	// NodeNameLabel is the label of an instance that holds the name of the node it runs on.
	NodeNameLabel = kubevirtv1.NodeNameLabel
	// CPUManagerLabel is the node label by which virt-handler says whether the kubelet gives processors to one pod alone.
	CPUManagerLabel = kubevirtv1.CPUManager
	// DrainTaint is the key of the taint of a node that KubeVirt moves machines away from, unless it is configured to
	// look for another.
	DrainTaint = "kubevirt.io/drain"
	// CreatedByLabel is the label of a machine's pod that holds the UID of its VirtualMachineInstance.
	CreatedByLabel = kubevirtv1.CreatedByLabel
	// MigrationJobLabel is the label of a machine's pod that holds the UID of the Migration that it was made for.
	MigrationJobLabel = kubevirtv1.MigrationJobLabel
	// MigrationOfLabel is the label of a Migration that holds the name of its machine.
	MigrationOfLabel = kubevirtv1.MigrationSelectorLabel
	// StartRequest is the word of a pending start in status.stateChangeRequests.
	StartRequest = kubevirtv1.StartRequest
	// StopRequest is the word of a pending stop in status.stateChangeRequests.
	StopRequest = kubevirtv1.StopRequest
)

// CacheNone has a disk's writes reach its storage at once.
const CacheNone = kubevirtv1.CacheNone

// Buses of a disk.
const (
	DiskBusVirtio = kubevirtv1.DiskBusVirtio
	DiskBusSATA   = kubevirtv1.DiskBusSATA
	DiskBusSCSI   = kubevirtv1.DiskBusSCSI
)

const (
	// InterfaceAbsent is the state of an interface that is to be unplugged.
	InterfaceAbsent = kubevirtv1.InterfaceStateAbsent
	// ModelVirtio is the model of an interface that KubeVirt can plug in and out.
	ModelVirtio = kubevirtv1.VirtIO
)

// What a drain does to a machine.
const (
	EvictionStrategyNone                  = kubevirtv1.EvictionStrategyNone
	EvictionStrategyLiveMigrate           = kubevirtv1.EvictionStrategyLiveMigrate
	EvictionStrategyLiveMigrateIfPossible = kubevirtv1.EvictionStrategyLiveMigrateIfPossible
	EvictionStrategyExternal              = kubevirtv1.EvictionStrategyExternal
)

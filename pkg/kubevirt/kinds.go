package kubevirt

import (
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// The kinds of KubeVirt, so that nobody else has to import them.
type (
	// VirtualMachine is what a user declares; it lives on while the machine is off.
	VirtualMachine = kubevirtv1.VirtualMachine
	// VirtualMachineList is a list of VirtualMachine.
	VirtualMachineList = kubevirtv1.VirtualMachineList
	// VirtualMachineSpec is what a user asks of a VirtualMachine.
	VirtualMachineSpec = kubevirtv1.VirtualMachineSpec
	// VirtualMachineStatus is what KubeVirt knows of a VirtualMachine.
	VirtualMachineStatus = kubevirtv1.VirtualMachineStatus
	// VirtualMachineCondition is one condition of a VirtualMachine.
	VirtualMachineCondition = kubevirtv1.VirtualMachineCondition
	// PrintableStatus is KubeVirt's own word for the state of a VirtualMachine.
	PrintableStatus = kubevirtv1.VirtualMachinePrintableStatus
	// VirtualMachineInstance is one run of a VirtualMachine, and has its name.
	VirtualMachineInstance = kubevirtv1.VirtualMachineInstance
	// VirtualMachineInstanceList is a list of VirtualMachineInstance.
	VirtualMachineInstanceList = kubevirtv1.VirtualMachineInstanceList
	// VirtualMachineInstanceSpec is the hardware and placement of a run.
	VirtualMachineInstanceSpec = kubevirtv1.VirtualMachineInstanceSpec
	// VirtualMachineInstanceStatus is what the node knows of a run.
	VirtualMachineInstanceStatus = kubevirtv1.VirtualMachineInstanceStatus
	// VirtualMachineInstanceTemplateSpec is the template inside a VirtualMachine.
	VirtualMachineInstanceTemplateSpec = kubevirtv1.VirtualMachineInstanceTemplateSpec
	// VirtualMachineInstanceCondition is one condition of a VirtualMachineInstance.
	VirtualMachineInstanceCondition = kubevirtv1.VirtualMachineInstanceCondition
	// VirtualMachineInstanceNetworkInterface is a network card as the guest or the node reports it.
	VirtualMachineInstanceNetworkInterface = kubevirtv1.VirtualMachineInstanceNetworkInterface
	// VirtualMachineInstanceGuestOSInfo is what the guest agent says of its system.
	VirtualMachineInstanceGuestOSInfo = kubevirtv1.VirtualMachineInstanceGuestOSInfo
	// Phase is how far a VirtualMachineInstance has come.
	Phase = kubevirtv1.VirtualMachineInstancePhase
	// PhaseTransitionTimestamp is when a VirtualMachineInstance reached a phase.
	PhaseTransitionTimestamp = kubevirtv1.VirtualMachineInstancePhaseTransitionTimestamp
	// Migration moves one VirtualMachineInstance to another node.
	Migration = kubevirtv1.VirtualMachineInstanceMigration
	// MigrationList is a list of Migration.
	MigrationList = kubevirtv1.VirtualMachineInstanceMigrationList
	// MigrationSpec names the machine to move and where it may go.
	MigrationSpec = kubevirtv1.VirtualMachineInstanceMigrationSpec
	// MigrationStatus is how far a Migration has come.
	MigrationStatus = kubevirtv1.VirtualMachineInstanceMigrationStatus
	// MigrationState is the VirtualMachineInstance's side of a Migration.
	MigrationState = kubevirtv1.VirtualMachineInstanceMigrationState
	// MigrationPhase is the word for how far a Migration has come.
	MigrationPhase = kubevirtv1.VirtualMachineInstanceMigrationPhase
	// KubeVirt is the installation itself.
	KubeVirt = kubevirtv1.KubeVirt
	// KubeVirtList is a list of KubeVirt.
	KubeVirtList = kubevirtv1.KubeVirtList
	// RunStrategy says when KubeVirt keeps a machine running.
	RunStrategy = kubevirtv1.VirtualMachineRunStrategy
	// StateChangeRequest is a start or stop that KubeVirt has accepted but not done.
	StateChangeRequest = kubevirtv1.VirtualMachineStateChangeRequest
	// StateChangeAction is the word of a StateChangeRequest.
	StateChangeAction = kubevirtv1.StateChangeRequestAction
	// StartFailure counts the failed starts of a machine.
	StartFailure = kubevirtv1.VirtualMachineStartFailure
)

// The hardware of a machine.
type (
	// DomainSpec is the hardware as a whole.
	DomainSpec = kubevirtv1.DomainSpec
	// CPU is the processor topology.
	CPU = kubevirtv1.CPU
	// Memory is what the guest sees of memory.
	Memory = kubevirtv1.Memory
	// Machine is the machine type, such as q35.
	Machine = kubevirtv1.Machine
	// Firmware is the boot firmware, its serial and UUID.
	Firmware = kubevirtv1.Firmware
	// Bootloader is what the firmware boots by.
	Bootloader = kubevirtv1.Bootloader
	// EFI is a bootloader that may insist on what is signed.
	EFI = kubevirtv1.EFI
	// Features are switches of the machine, such as ACPI.
	Features = kubevirtv1.Features
	// FeatureState is one switch of the machine.
	FeatureState = kubevirtv1.FeatureState
	// ResourceRequirements are the requests and limits of the machine's pod.
	ResourceRequirements = kubevirtv1.ResourceRequirements
	// Devices are disks, network cards and the rest.
	Devices = kubevirtv1.Devices
	// GPU is a graphics card that is passed through.
	GPU = kubevirtv1.GPU
	// HostDevice is another device of the node that is passed through.
	HostDevice = kubevirtv1.HostDevice
	// PermittedHostDevices are the devices of nodes that an installation may give to machines.
	PermittedHostDevices = kubevirtv1.PermittedHostDevices
	// PciHostDevice is a permitted device on the PCI bus.
	PciHostDevice = kubevirtv1.PciHostDevice
	// MediatedHostDevice is a permitted part of a device, such as a virtual graphics card.
	MediatedHostDevice = kubevirtv1.MediatedHostDevice
	// USBHostDevice is a permitted device on the USB.
	USBHostDevice = kubevirtv1.USBHostDevice
	// InstancetypeMatcher names the instance type that sizes a machine.
	InstancetypeMatcher = kubevirtv1.InstancetypeMatcher
	// MemoryStatus is how much memory a run has.
	MemoryStatus = kubevirtv1.MemoryStatus
	// Disk is how the guest sees a volume of the same name.
	Disk = kubevirtv1.Disk
	// DiskDevice says whether a disk is a disk, a lun or a CD-ROM.
	DiskDevice = kubevirtv1.DiskDevice
	// DiskTarget is an ordinary disk.
	DiskTarget = kubevirtv1.DiskTarget
	// CDRomTarget is a CD-ROM drive.
	CDRomTarget = kubevirtv1.CDRomTarget
	// DiskBus is the bus a disk is on, such as virtio.
	DiskBus = kubevirtv1.DiskBus
	// DriverCache says what a node keeps of a disk's writes.
	DriverCache = kubevirtv1.DriverCache
	// Interface is how the guest sees a network of the same name.
	Interface = kubevirtv1.Interface
	// InterfaceBindingMethod says how an interface is attached.
	InterfaceBindingMethod = kubevirtv1.InterfaceBindingMethod
	// InterfaceMasquerade attaches an interface by address translation.
	InterfaceMasquerade = kubevirtv1.InterfaceMasquerade
	// InterfaceBridge attaches an interface by a bridge.
	InterfaceBridge = kubevirtv1.InterfaceBridge
	// InterfaceSRIOV attaches an interface by a card's virtual function.
	InterfaceSRIOV = kubevirtv1.InterfaceSRIOV
	// InterfaceState says whether an interface is up, or is to be unplugged.
	InterfaceState = kubevirtv1.InterfaceState
	// Network is what an interface is attached to.
	Network = kubevirtv1.Network
	// NetworkSource says which kind of network it is.
	NetworkSource = kubevirtv1.NetworkSource
	// PodNetwork is the network of the machine's pod.
	PodNetwork = kubevirtv1.PodNetwork
	// MultusNetwork is a network attachment.
	MultusNetwork = kubevirtv1.MultusNetwork
	// Volume is where the bytes of a disk come from.
	Volume = kubevirtv1.Volume
	// VolumeSource says which kind of volume it is.
	VolumeSource = kubevirtv1.VolumeSource
	// VolumeStatus is what the node knows of a volume.
	VolumeStatus = kubevirtv1.VolumeStatus
	// PersistentVolumeClaimVolumeSource is a volume that is a claim.
	PersistentVolumeClaimVolumeSource = kubevirtv1.PersistentVolumeClaimVolumeSource
	// HotplugVolumeSource is what can be plugged in while a machine runs.
	HotplugVolumeSource = kubevirtv1.HotplugVolumeSource
	// DataVolumeSource is a volume that CDI fills.
	DataVolumeSource = kubevirtv1.DataVolumeSource
	// ContainerDiskSource is a volume that comes from a container image and forgets what is written.
	ContainerDiskSource = kubevirtv1.ContainerDiskSource
	// CloudInitNoCloudSource is a disk with user data and network data.
	CloudInitNoCloudSource = kubevirtv1.CloudInitNoCloudSource
	// HostDisk is a volume that is a file of one node.
	HostDisk = kubevirtv1.HostDisk
	// EphemeralVolumeSource is a volume that begins as a claim's bytes and forgets what is written.
	EphemeralVolumeSource = kubevirtv1.EphemeralVolumeSource
	// MemoryDumpVolumeSource is a volume that a machine's memory was written to.
	MemoryDumpVolumeSource = kubevirtv1.MemoryDumpVolumeSource
	// PersistentVolumeClaimInfo is what the node knows of a volume's claim.
	PersistentVolumeClaimInfo = kubevirtv1.PersistentVolumeClaimInfo
	// MigratedVolume is a volume on its way from a claim to another.
	MigratedVolume = kubevirtv1.StorageMigratedVolumeInfo
	// TPMDevice is a trusted platform module.
	TPMDevice = kubevirtv1.TPMDevice
	// Probe is how the node asks whether a guest lives or is ready.
	Probe = kubevirtv1.Probe
	// EvictionStrategy says what a drain does to a machine.
	EvictionStrategy = kubevirtv1.EvictionStrategy
)

// The options of KubeVirt's verbs.
type (
	// StartOptions are the body of start.
	StartOptions = kubevirtv1.StartOptions
	// StopOptions are the body of stop.
	StopOptions = kubevirtv1.StopOptions
	// RestartOptions are the body of restart.
	RestartOptions = kubevirtv1.RestartOptions
	// PauseOptions are the body of pause.
	PauseOptions = kubevirtv1.PauseOptions
	// UnpauseOptions are the body of unpause.
	UnpauseOptions = kubevirtv1.UnpauseOptions
	// MigrateOptions are the body of migrate.
	MigrateOptions = kubevirtv1.MigrateOptions
	// AddVolumeOptions are the body of addvolume.
	AddVolumeOptions = kubevirtv1.AddVolumeOptions
	// RemoveVolumeOptions are the body of removevolume.
	RemoveVolumeOptions = kubevirtv1.RemoveVolumeOptions
)

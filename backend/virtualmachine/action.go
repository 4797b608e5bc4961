package virtualmachine

import (
	"net/http"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// KubeVirt serves some verbs on the machine and some on its instance, and asks for the right to update just that.
const (
	onMachine  = "virtualmachines/"
	onInstance = "virtualmachineinstances/"
)

// Kinds of a later release, whose rights are asked for already.
const (
	backups  = "virtualmachinebackups"
	restores = "virtualmachinerestores"
)

// Actions are the verbs of a virtual machine, in the order the menu shows them.
var Actions = []capability.Action{
	capability.On("start", unlessStopped, start).
		Needs("update", kubevirt.SubresourceGroupVersion, onMachine+"start").
		Explained("Switches the machine on, with the run strategy that it had before it was stopped."),
	capability.On("stop", unlessStarted, stop).
		Needs("update", kubevirt.SubresourceGroupVersion, onMachine+"stop").
		Explained("Asks the guest to shut down, and switches the machine off after its grace period. It stays off."),
	capability.On("forceStop", unlessStopping, forceStop).
		Needs("update", kubevirt.SubresourceGroupVersion, onMachine+"stop").
		Explained("Switches a machine that is stopping off at once, as pulling the plug would."),
	capability.On("restart", unlessRestartable, restart).
		Needs("update", kubevirt.SubresourceGroupVersion, onMachine+"restart").
		Explained("Switches the machine off and on, so that changes of its hardware take effect."),
	capability.On("softreboot", unlessRebootable, softReboot).
		Needs("update", kubevirt.SubresourceGroupVersion, onInstance+"softreboot").
		Explained("Asks the guest to restart itself."),
	capability.On("pause", unlessPausable, pause).
		Needs("update", kubevirt.SubresourceGroupVersion, onInstance+"pause").
		Explained("Freezes the guest; its memory stays."),
	capability.On("unpause", unlessPaused, unpause).
		Needs("update", kubevirt.SubresourceGroupVersion, onInstance+"unpause").
		Explained("Lets a frozen guest go on."),
	capability.With("migrate", unlessMigratable, migrate).
		Needs("update", kubevirt.SubresourceGroupVersion, onMachine+"migrate").
		Explained("Moves the running machine to another node."),
	capability.On("abortMigration", unlessMigrating, abortMigration).
		Needs("delete", kubevirt.GroupVersion, kubevirt.Migrations.Resource).OnAnother().
		Explained("Gives up the migration that is under way; the machine goes on where it is."),
	capability.Ask("findMigratableNodes", unlessMigratable, findMigratableNodes).
		Needs("get", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Answers with the nodes that the machine could move to."),
	capability.With("addVolume", unlessChangeable, addVolume).
		Needs("update", kubevirt.SubresourceGroupVersion, onMachine+"addvolume").
		Explained("Plugs a volume in as a disk. A guest that runs sees it at once."),
	capability.With("removeVolume", unlessVolumeRemovable, removeVolume).
		Needs("update", kubevirt.SubresourceGroupVersion, onMachine+"removevolume").
		Explained("Unplugs a disk that was plugged in. Its volume stays, and is listed with the machine no more, which takes the right to change the machine."),
	capability.With("addNic", unlessNicAddable, addNic).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Plugs in a network card on a network. A guest that runs sees it after the migration that follows."),
	capability.With("removeNic", unlessNicRemovable, removeNic).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Unplugs a network card."),
	capability.Ask("findHotunpluggableNics", unlessDeleted, findHotunpluggableNics).
		Needs("get", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Answers with the network cards that could be unplugged while the machine runs."),
	capability.With("insertCdRomVolume", unlessInsertable, insertCdRomVolume).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Puts a copy of an image into an empty CD-ROM drive."),
	capability.With("ejectCdRomVolume", unlessEjectable, ejectCdRomVolume).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Empties a CD-ROM drive, and removes the volume that was made to be in it."),
	capability.With("cpuAndMemoryHotplug", unlessResizable, cpuAndMemoryHotplug).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Gives a running machine more processors and memory, by a migration that follows."),
	capability.With("clone", unlessClonable, clone).
		Needs("create", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).OnAnother().
		Explained("Makes another machine like this one, with copies of its volumes."),
	capability.With("createTemplate", unlessThere, createTemplate).
		Needs("create", harvesterv1.GroupVersion, harvesterv1.Templates.Resource).OnAnother().
		Explained("Makes a template of the machine, with images of its volumes when they are wanted. Images of a running machine wait until it stops, unless Longhorn keeps them."),
	capability.With("storageMigration", unlessVolumesMovable, moveVolume).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Moves a volume of the running machine to another claim, while the guest goes on."),
	capability.On("cancelStorageMigration", unlessVolumesMove, cancelMove).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Gives up the move of a volume that is under way; the machine goes on with the volume that it had."),
	yet[BackupInput]("backup", noBackups).
		Needs("create", harvesterv1.GroupVersion, backups).OnAnother().
		Explained("Copies the machine and its volumes to the backup target. Not in this release.").Always(http.StatusConflict),
	yet[SnapshotInput]("snapshot", noSnapshots).
		Needs("create", harvesterv1.GroupVersion, backups).OnAnother().
		Explained("Keeps the machine and its volumes as they are now, inside the site. Not in this release.").Always(http.StatusConflict),
	yet[RestoreInput]("restore", noRestore).
		Needs("create", harvesterv1.GroupVersion, restores).OnAnother().
		Explained("Brings the machine back to a backup or a snapshot. Not in this release.").Always(http.StatusConflict),
	capability.With("updateResourceQuota", unlessDeleted, updateQuota).
		Needs("update", harvesterv1.GroupVersion, harvesterv1.ResourceQuotas.Resource).OnAnother().
		Explained("Limits the space that the snapshots of the machine's volumes may take together."),
	capability.On("deleteResourceQuota", unlessDeleted, deleteQuota).
		Needs("update", harvesterv1.GroupVersion, harvesterv1.ResourceQuotas.Resource).OnAnother().
		Explained("Takes the limit of the machine's snapshots away."),
	capability.On("dismissInsufficientResourceQuota", unlessQuotaTold, dismissQuota).
		Needs("patch", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("Forgets the message that the machine's namespace had no quota left for it."),
}

package virtualmachine

import (
	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/kubevirt"
)

// KubeVirt serves some verbs on the machine and some on its instance, and asks for the right to update just that.
const (
	onMachine  = "virtualmachines/"
	onInstance = "virtualmachineinstances/"
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
}

package maintain

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Guest is a machine that runs on a node.
type Guest struct {
	// VMI is the run of it.
	VMI *kubevirt.VirtualMachineInstance
	// VM is what somebody declared, nil when the instance stands alone.
	VM *kubevirt.VirtualMachine
	// Tried are the migrations of it that have been made for this maintenance, the youngest first.
	Tried []kubevirt.Migration
}

// Deed is what is to be done about a machine.
type Deed string

// What can be done about a machine.
const (
	// Await does nothing: the machine is leaving, or KubeVirt moves it.
	Await Deed = "Await"
	// Move makes a migration.
	Move Deed = "Move"
	// ShutDown shuts the machine down.
	ShutDown Deed = "ShutDown"
	// Stuck does nothing: a person must act.
	Stuck Deed = "Stuck"
)

// pause is how long after a failed migration the next is made. KubeVirt itself waits likewise.
const pause = time.Minute

// Plan decides about one machine of a node in maintenance. forced shuts down what cannot be moved. The sentence says why
// a machine is Stuck.
func Plan(g Guest, forced bool, now time.Time) (deed Deed, sentence string) {
	if g.VMI.IsFinal() || g.VMI.DeletionTimestamp != nil {
		return Await, ""
	}
	if ShutsDown(g.VM) {
		return ShutDown, ""
	}
	if kubevirt.Migrating(g.VMI) || underWay(g.Tried) {
		return Await, ""
	}
	sentence = Unmovable(g.VMI)
	failed := len(g.Tried) > 0
	if forced && (sentence != "" || failed) {
		return ShutDown, ""
	}
	switch {
	case sentence != "":
		return Stuck, sentence
	case movedByKubeVirt(g.VMI):
		return Await, ""
	case failed && now.Sub(g.Tried[0].CreationTimestamp.Time) < pause:
		return Await, ""
	default:
		return Move, ""
	}
}

// ShutsDown says whether a machine asks to be shut down when its node goes into maintenance.
func ShutsDown(vm *kubevirt.VirtualMachine) bool {
	if vm == nil {
		return false
	}
	switch vm.Labels[harvesterv1.LabelMaintenanceStrategy] {
	case harvesterv1.MaintenanceShutdown, harvesterv1.MaintenanceRestartElsewhere, harvesterv1.MaintenanceRestartAfter:
		return true
	default:
		return false
	}
}

// Unmovable says why an instance cannot be migrated, "" when it can or when nobody knows yet.
func Unmovable(vmi *kubevirt.VirtualMachineInstance) string {
	migratable := kubevirt.InstanceConditionOf(vmi, kubevirt.InstanceLiveMigratable)
	if migratable == nil || migratable.Status != corev1.ConditionFalse {
		return ""
	}
	if migratable.Message == "" {
		return "cannot be migrated: " + migratable.Reason
	}
	return "cannot be migrated: " + migratable.Message
}

// movedByKubeVirt says whether KubeVirt moves an instance away from a node with the drain taint by itself.
func movedByKubeVirt(vmi *kubevirt.VirtualMachineInstance) bool {
	if vmi.Spec.EvictionStrategy == nil {
		return false // the site's default may say so; a second migration would be refused then
	}
	switch *vmi.Spec.EvictionStrategy {
	case kubevirt.EvictionStrategyLiveMigrate, kubevirt.EvictionStrategyLiveMigrateIfPossible:
		return true
	default:
		return false
	}
}

// underWay says whether one of the migrations has not ended.
func underWay(migrations []kubevirt.Migration) bool {
	for i := range migrations {
		if !migrations[i].IsFinal() {
			return true
		}
	}
	return false
}

// restarts says whether a machine that a maintenance has shut down is started while it goes on: on another node.
func restarts(vm *kubevirt.VirtualMachine) bool {
	return vm.Labels[harvesterv1.LabelMaintenanceStrategy] == harvesterv1.MaintenanceRestartElsewhere
}

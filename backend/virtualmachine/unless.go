package virtualmachine

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/pkg/kubevirt"
)

// The functions below say in a sentence why something cannot be done to a machine now, and "" when it can. They are
// pure. Where KubeVirt refuses the same deed, they refuse it for the same reason; KubeVirt has the last word.

// active says whether an instance of the machine exists that has not ended. A caller who may not read instances has
// KubeVirt's word for it.
func active(m Machine) bool {
	if m.VMI != nil {
		return kubevirt.Active(m.VMI)
	}
	switch word(m) {
	case kubevirt.StatusRunning, kubevirt.StatusPaused, kubevirt.StatusMigrating, kubevirt.StatusStopping:
		return true
	default:
		return false
	}
}

// word is the machine's state.
func word(m Machine) kubevirt.PrintableStatus {
	return kubevirt.PrintableStatus(kubevirt.StateOf(m.VM, m.VMI).Name)
}

// paused says whether the guest is frozen.
func paused(m Machine) bool {
	return word(m) == kubevirt.StatusPaused || kubevirt.InstanceIs(m.VMI, kubevirt.InstancePaused)
}

const (
	beingDeleted = "The machine is being deleted."
	notRunning   = "The machine is not running."
	isPaused     = "The machine is paused."
	isStopping   = "The machine is stopping."
	isMigrating  = "The machine is migrating."
	isCopied     = "A snapshot of the machine is being taken."
)

func unlessStopped(m Machine) string {
	if sentence := unlessCopied(m); sentence != "" {
		return sentence
	}
	strategy := kubevirt.StrategyOf(m.VM)
	recovery := kubevirt.ConditionOf(m.VM, kubevirt.ConditionManualRecovery)
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case word(m) == kubevirt.StatusStopping:
		return "The machine is still stopping."
	case active(m) && m.VMI != nil && m.VMI.Status.Phase != kubevirt.PhaseRunning:
		return "The machine is already starting."
	case active(m):
		return "The machine is already running."
	case kubevirt.AboutToStart(m.VM):
		return "The machine is already about to start."
	case recovery != nil && recovery.Status == corev1.ConditionTrue:
		return "The machine's volumes must be recovered by hand first: " + recovery.Message
	case strategy == kubevirt.RunStrategyAlways || strategy == kubevirt.RunStrategyOnce:
		return fmt.Sprintf("The machine's run strategy is %s: KubeVirt starts it by itself.", strategy)
	case strategy == kubevirt.RunStrategyRerunOnFailure && word(m) != kubevirt.StatusStopped:
		return "The machine is already being started."
	default:
		return ""
	}
}

func unlessStarted(m Machine) string {
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case word(m) == kubevirt.StatusStopping:
		return "The machine is already stopping."
	case m.VM.Status.SnapshotInProgress != nil:
		return isCopied
	case active(m):
		return ""
	case kubevirt.Wanted(m.VM) && word(m) != kubevirt.StatusStopped:
		return "" // KubeVirt keeps trying to start it
	default:
		return notRunning
	}
}

func unlessStopping(m Machine) string {
	switch {
	case !active(m):
		return notRunning
	case word(m) == kubevirt.StatusStopping || word(m) == kubevirt.StatusTerminating:
		return ""
	default:
		return "The machine is not stopping. Stop it first."
	}
}

func unlessRestartable(m Machine) string {
	strategy := kubevirt.StrategyOf(m.VM)
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case word(m) == kubevirt.StatusStopping:
		return isStopping
	case !active(m):
		return notRunning
	case strategy == kubevirt.RunStrategyHalted || strategy == kubevirt.RunStrategyOnce:
		return fmt.Sprintf("The machine's run strategy is %s: it would not start again.", strategy)
	case len(m.VM.Status.StateChangeRequests) > 0:
		return "The machine is already about to stop or start."
	case moving(m):
		return "The machine's volumes are being moved."
	default:
		return ""
	}
}

func unlessRebootable(m Machine) string {
	if sentence := unlessAwake(m); sentence != "" {
		return sentence
	}
	if m.VMI == nil || kubevirt.InstanceIs(m.VMI, kubevirt.InstanceAgentConnected) {
		return ""
	}
	features := m.VMI.Spec.Domain.Features
	if features != nil && features.ACPI.Enabled != nil && !*features.ACPI.Enabled {
		return "The guest cannot be asked: it has no guest agent and its ACPI is off."
	}
	return ""
}

func unlessPausable(m Machine) string {
	if sentence := unlessAwake(m); sentence != "" {
		return sentence
	}
	if word(m) == kubevirt.StatusMigrating || m.Migration != nil {
		return isMigrating
	}
	if m.VMI != nil && m.VMI.Spec.LivenessProbe != nil && m.VMI.Spec.LivenessProbe.GuestAgentPing == nil {
		return "The machine has a liveness probe, which would take a pause for a failure."
	}
	return ""
}

func unlessPaused(m Machine) string {
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case !active(m):
		return notRunning
	case m.VM.Status.SnapshotInProgress != nil:
		return isCopied
	case !paused(m):
		return "The machine is not paused."
	default:
		return ""
	}
}

func unlessMigratable(m Machine) string {
	migratable := kubevirt.InstanceConditionOf(m.VMI, kubevirt.InstanceLiveMigratable)
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case word(m) == kubevirt.StatusStopping:
		return isStopping
	case !running(m):
		return notRunning
	case word(m) == kubevirt.StatusMigrating || m.Migration != nil:
		return "The machine is already migrating."
	case m.VMI == nil:
		return "You have no right to see where the machine runs."
	case migratable == nil:
		return "It is not known yet whether the machine can be migrated."
	case migratable.Status != corev1.ConditionTrue:
		return "The machine cannot be migrated: " + migratable.Message
	case len(m.Targets) == 0:
		return "There is no other node that the machine could run on."
	default:
		return ""
	}
}

func unlessMigrating(m Machine) string {
	switch {
	case m.Migration == nil && !kubevirt.Migrating(m.VMI):
		return "The machine is not migrating."
	case m.Migration != nil && m.Migration.DeletionTimestamp != nil:
		return "The migration is already being given up."
	default:
		return ""
	}
}

// unlessCopied refuses what KubeVirt lets nobody change while it takes a snapshot: whether a machine is on, and its volumes.
func unlessCopied(m Machine) string {
	if word(m) != kubevirt.StatusTerminating && m.VM.Status.SnapshotInProgress != nil {
		return isCopied
	}
	return ""
}

// unlessAwake refuses what needs a guest that runs and is not frozen.
func unlessAwake(m Machine) string {
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case word(m) == kubevirt.StatusStopping:
		return isStopping
	case !running(m):
		return notRunning
	case paused(m):
		return isPaused
	default:
		return ""
	}
}

// running says whether the guest has been started.
func running(m Machine) bool {
	if m.VMI != nil {
		return m.VMI.Status.Phase == kubevirt.PhaseRunning
	}
	return active(m)
}

func volumesMove(m Machine) bool {
	condition := kubevirt.ConditionOf(m.VM, kubevirt.ConditionType(kubevirt.InstanceVolumesChange))
	return condition != nil && condition.Status == corev1.ConditionTrue
}

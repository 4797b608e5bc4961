package virtualmachine

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/pkg/kubevirt"
)

const isMoving = "A volume of the machine is being moved to another claim."

// moving says whether a volume of the machine is on its way to another claim, as far as the server knows.
func moving(m Machine) bool {
	return volumesMove(m) || len(claim.Moves(m.VM)) > 0 || m.VMI != nil && len(m.VMI.Status.MigratedVolumes) > 0
}

// movesOf are the volumes on their way: those that KubeVirt moves, and those that the claim templates say are to move.
func movesOf(m Machine) []move {
	var moves []move
	if m.VMI != nil {
		for _, v := range m.VMI.Status.MigratedVolumes {
			if v.SourcePVCInfo != nil && v.DestinationPVCInfo != nil {
				moves = append(moves, move{v.VolumeName, v.SourcePVCInfo.ClaimName, v.DestinationPVCInfo.ClaimName})
			}
		}
	}
	for _, template := range claim.Moves(m.VM) {
		known := slices.ContainsFunc(moves, func(known move) bool { return known.from == template.Name })
		volumes := hardware(m.VM).Volumes
		for i := range volumes {
			volume := &volumes[i]
			if !known && claim.Of(volume) == template.TargetVolume {
				moves = append(moves, move{volume.Name, template.Name, template.TargetVolume})
			}
		}
	}
	return moves
}

// unlessVolumesMovable says why no volume of the machine can be moved now. KubeVirt would take the order and do nothing,
// or ask for a restart, so all that it asks for is asked here.
func unlessVolumesMovable(m Machine) string {
	for _, unless := range []func(Machine) string{unlessAwake, unlessCopied} {
		if sentence := unless(m); sentence != "" {
			return sentence
		}
	}
	movable := kubevirt.InstanceConditionOf(m.VMI, kubevirt.InstanceStorageMigratable)
	switch {
	case moving(m):
		return isMoving + " One moves at a time."
	case word(m) == kubevirt.StatusMigrating || m.Migration != nil:
		return isMigrating
	case m.VMI == nil:
		return "You have no right to see where the machine runs."
	case movable != nil && movable.Status == corev1.ConditionFalse:
		return "The machine's volumes cannot be moved: " + movable.Message
	case len(m.Targets) == 0:
		return "There is no other node that the machine could run on, and its volumes move when it does."
	default:
		return unlessOthersReachable(m)
	}
}

// unlessOthersReachable refuses when the machine has more than one volume that only one node can reach: KubeVirt would
// have to move them together.
func unlessOthersReachable(m Machine) string {
	var fixed []string
	for _, status := range m.VMI.Status.VolumeStatus {
		info := status.PersistentVolumeClaimInfo
		if info != nil && !slices.Contains(info.AccessModes, corev1.ReadWriteMany) {
			fixed = append(fixed, status.Name)
		}
	}
	if len(fixed) > 1 {
		return fmt.Sprintf("Volumes %v can each be reached from one node only, so none of them can move without the others.", fixed)
	}
	return ""
}

// unlessVolumesMove says why there is no move to give up.
func unlessVolumesMove(m Machine) string {
	moves := movesOf(m)
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case len(moves) == 0:
		return "No volume of the machine is being moved."
	case m.VM.Status.SnapshotInProgress != nil:
		return isCopied
	case !active(m) || m.VMI == nil:
		return ""
	case len(m.VMI.Status.MigratedVolumes) > 0 && !kubevirt.InstanceIs(m.VMI, kubevirt.InstanceVolumesChange):
		return "The move is only just beginning. Try again in a moment."
	case len(m.VMI.Status.MigratedVolumes) == 0 && arrived(m.VMI, moves):
		return "The volume has arrived already."
	default:
		return ""
	}
}

// arrived says whether an instance runs on the claims that its volumes were to be moved to.
func arrived(vmi *kubevirt.VirtualMachineInstance, moves []move) bool {
	return !slices.ContainsFunc(moves, func(m move) bool {
		return !slices.ContainsFunc(vmi.Spec.Volumes, func(v kubevirt.Volume) bool { return v.Name == m.volume && claim.Of(&v) == m.to })
	})
}

package snapshot

import (
	"fmt"

	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/csi"
)

// State is the word for a snapshot: Ready when volumes can be made of it, Creating before, Failed with the driver's words.
func State(snapshot *csi.VolumeSnapshot) capability.State {
	state := csi.SnapshotStateOf(snapshot)
	switch {
	case snapshot.DeletionTimestamp != nil:
		return capability.State{Name: "Removing", Transitioning: true}
	case state.Ready:
		return capability.State{Name: "Ready"}
	case state.Problem != "":
		return capability.State{Name: "Failed", Error: true, Message: state.Problem}
	default:
		return capability.State{
			Name: "Creating", Transitioning: true,
			Message: fmt.Sprintf("It is being taken of %s.", ptr.Deref(snapshot.Spec.Source.PersistentVolumeClaimName, "its content")),
		}
	}
}

func unlessReady(snapshot *csi.VolumeSnapshot) string {
	state := csi.SnapshotStateOf(snapshot)
	switch {
	case snapshot.DeletionTimestamp != nil:
		return "The snapshot is being deleted."
	case state.Ready:
		return ""
	case state.Problem != "":
		return "The snapshot could not be taken: " + state.Problem
	default:
		return "The snapshot is not ready yet."
	}
}

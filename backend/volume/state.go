package volume

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/csi"
)

// State is the word for a volume: Ready when nobody uses it, In-use with who does, Resizing and Filling while that lasts.
func State(v Volume) capability.State {
	expansion := csi.ExpansionOf(v.Claim)
	switch {
	case v.Claim.DeletionTimestamp != nil:
		return capability.State{Name: "Removing", Transitioning: true, Message: strings.TrimSpace("It is being deleted. " + v.usedBy())}
	case v.Claim.Status.Phase == corev1.ClaimLost:
		return capability.State{Name: "Lost", Error: true, Message: lost}
	case v.Claim.Status.Phase != corev1.ClaimBound:
		return v.pending()
	case expansion != nil && expansion.Failed:
		return capability.State{Name: "Failed", Error: true, Message: failedExpansion(expansion)}
	case expansion != nil:
		return capability.State{
			Name: "Resizing", Transitioning: true, Message: fmt.Sprintf("It is being enlarged to %s.", expansion.Wanted.String()),
		}
	case v.image() != "":
		return capability.State{Name: "In-use", Message: fmt.Sprintf("It holds the bytes of image %s.", v.image())}
	case v.usedBy() != "":
		return capability.State{Name: "In-use", Message: v.usedBy()}
	default:
		return capability.State{Name: "Ready"}
	}
}

// pending is the state of a claim that has no volume yet.
func (v Volume) pending() capability.State {
	switch {
	case v.Filling == nil:
		return capability.State{Name: "Pending", Transitioning: true, Message: "It waits for its storage."}
	case v.Filling.Failed || v.Filling.Blocked:
		return capability.State{Name: "Failed", Error: true, Message: "It cannot be filled: " + v.Filling.Message}
	default:
		return capability.State{
			Name: "Filling", Transitioning: true, Message: fmt.Sprintf("%d %% of the bytes are there.", v.Filling.Progress),
		}
	}
}

// usedBy says in a sentence who uses the volume, "" when nobody does.
func (v Volume) usedBy() string {
	owners := slices.Clone(v.Owners)
	if running := v.Claim.Namespace + "/" + v.Running; v.Running != "" && !slices.Contains(owners, running) {
		owners = append(owners, running)
	}
	if len(owners) == 0 {
		return ""
	}
	return fmt.Sprintf("It is used by %s.", strings.Join(owners, ", "))
}

func failedExpansion(expansion *csi.Expansion) string {
	sentence := fmt.Sprintf("It cannot be enlarged to %s.", expansion.Wanted.String())
	if expansion.Message != "" {
		sentence = fmt.Sprintf("It cannot be enlarged to %s: %s", expansion.Wanted.String(), expansion.Message)
	}
	return sentence
}

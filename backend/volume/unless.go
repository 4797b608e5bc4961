package volume

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/pkg/csi"
)

// The functions below say in a sentence why something cannot be done to a volume now, and "" when it can. They are pure.

const (
	beingDeleted = "The volume is being deleted."
	lost         = "The storage of the volume is lost."
	noStorage    = "The volume has no storage yet."
	beingFilled  = "The volume is still being filled."
)

// unlessBound refuses what needs bytes.
func unlessBound(v Volume) string {
	switch {
	case v.Claim.DeletionTimestamp != nil:
		return beingDeleted
	case v.Claim.Status.Phase == corev1.ClaimLost:
		return lost
	case v.Claim.Status.Phase != corev1.ClaimBound && v.Filling != nil:
		return beingFilled
	case v.Claim.Status.Phase != corev1.ClaimBound:
		return noStorage
	default:
		return ""
	}
}

// unlessCopyable refuses what makes a copy of the bytes. An image's own have other ways.
func unlessCopyable(v Volume) string {
	if sentence := unlessBound(v); sentence != "" {
		return sentence
	}
	if v.image() != "" {
		return fmt.Sprintf("The volume holds the bytes of image %s. Make a volume from the image instead.", v.image())
	}
	return ""
}

func unlessSnapshotable(v Volume) string {
	if sentence := unlessCopyable(v); sentence != "" {
		return sentence
	}
	if !v.Snapshots {
		return fmt.Sprintf("The site has no volume snapshot class for driver %s of the volume.", csi.DriverOf(v.Claim))
	}
	return ""
}

// unlessMovable refuses a copy to another class while somebody writes: CDI would wait for him without a word.
func unlessMovable(v Volume) string {
	if sentence := unlessCopyable(v); sentence != "" {
		return sentence
	}
	if v.Running != "" {
		return fmt.Sprintf("Virtual machine %s runs with the volume. Stop it first, or move the volume by its action storageMigration.", v.Running)
	}
	return ""
}

func unlessGrowing(v Volume) string {
	if sentence := unlessBound(v); sentence != "" {
		return sentence
	}
	if csi.ExpansionOf(v.Claim) == nil {
		return "The volume is not being enlarged."
	}
	if _, less := csi.Retreat(v.Claim); !less {
		wanted, present := csi.Requested(v.Claim), csi.Present(v.Claim)
		return fmt.Sprintf("The volume has %s and asks for %s: Kubernetes lets a claim go back only to more than it has, and there is no such size below.",
			present.String(), wanted.String())
	}
	return ""
}

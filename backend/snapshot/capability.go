package snapshot

import (
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/csi"
)

// Capability is the volume snapshots of a site. A site whose storage takes none does without.
var Capability = capability.Capability{
	Name: "snapshot",
	Resources: []capability.Resource{{
		Kind:     csi.VolumeSnapshotKind,
		Read:     capability.As[csi.VolumeSnapshot](),
		State:    capability.Stating(State),
		Actions:  Actions,
		Indexed:  []string{"spec.source.persistentVolumeClaimName", "status.readyToUse"},
		Optional: true,
	}},
	Scheme: runtime.SchemeBuilder{csi.AddToScheme},
	Watched: []capability.Watched{
		{Object: &storagev1.StorageClass{}},
		{Object: &csi.VolumeSnapshotClass{}, Optional: true},
	},
}

// Actions are the verbs of a snapshot.
var Actions = []capability.Action{
	capability.With("restore", unlessReady, restore).
		Needs("create", corev1.SchemeGroupVersion, "persistentvolumeclaims").OnAnother().
		Explained("Makes a new volume with the bytes of the snapshot. The volume that it was taken of stays as it is."),
}

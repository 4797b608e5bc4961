package volume

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// CloneInput says what a copy is called.
type CloneInput struct {
	// Name is the new volume's, in the same namespace.
	Name string `json:"name"`
}

// SnapshotInput says what a snapshot is called.
type SnapshotInput struct {
	// Name is the snapshot's, in the same namespace.
	Name string `json:"name"`
}

// clone makes a copy of the claim by its driver.
func clone(ctx context.Context, caller capability.Caller, v Volume, input CloneInput) error {
	if err := named("name", input.Name); err != nil {
		return err
	}
	copied := csi.Clone(v.Claim, input.Name, harvesterv1.AnnotationImageID)
	return caller.Client.Create(ctx, copied)
}

// snapshot takes a snapshot of the claim, and writes on it what the claim was like: the claim may be gone when somebody
// wants its bytes back.
func snapshot(ctx context.Context, caller capability.Caller, v Volume, input SnapshotInput) error {
	if err := named("name", input.Name); err != nil {
		return err
	}
	wanted := csi.Take(v.Claim.Namespace, v.Claim.Name, input.Name, v.SnapshotClass, likeness(v.Claim))
	return caller.Client.Create(ctx, wanted)
}

// likeness is what a snapshot says of its claim.
func likeness(claim *corev1.PersistentVolumeClaim) map[string]string {
	shape := csi.ShapeOf(claim)
	modes := make([]string, 0, len(shape.AccessModes))
	for _, mode := range shape.AccessModes {
		modes = append(modes, string(mode))
	}
	said := map[string]string{
		harvesterv1.AnnotationStorageClassName:   shape.Class,
		harvesterv1.AnnotationStorageProvisioner: csi.DriverOf(claim),
		harvesterv1.AnnotationVolumeMode:         string(shape.VolumeMode),
		harvesterv1.AnnotationAccessModes:        strings.Join(modes, ","),
		harvesterv1.AnnotationImageID:            claim.Annotations[harvesterv1.AnnotationImageID],
	}
	for key, value := range said {
		if value == "" {
			delete(said, key)
		}
	}
	return said
}

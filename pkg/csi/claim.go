package csi

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// DriverOf is the driver of a claim's volume, "" while nobody has been called.
func DriverOf(claim *corev1.PersistentVolumeClaim) string {
	if driver := claim.Annotations[annotationProvisioner]; driver != "" {
		return driver
	}
	return claim.Annotations[annotationProvisionerOlder]
}

// Requested is the size that a claim asks for.
func Requested(claim *corev1.PersistentVolumeClaim) resource.Quantity {
	return claim.Spec.Resources.Requests[corev1.ResourceStorage]
}

// Present is the size that a claim has; zero while it has no volume.
func Present(claim *corev1.PersistentVolumeClaim) resource.Quantity {
	return claim.Status.Capacity[corev1.ResourceStorage]
}

// larger is the larger of two sizes. A volume may be larger than its claim ever asked for, and a copy of it must be, too.
func larger(a, b resource.Quantity) resource.Quantity {
	if a.Cmp(b) >= 0 {
		return a
	}
	return b
}

// Clone is a claim that starts as a copy of another, made by the driver: same class, same modes, and as large. Of the
// annotations only the named ones are kept.
func Clone(of *corev1.PersistentVolumeClaim, name string, kept ...string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: of.Namespace, Name: name, Annotations: only(of.Annotations, kept)},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      slices.Clone(of.Spec.AccessModes),
			VolumeMode:       of.Spec.VolumeMode,
			StorageClassName: of.Spec.StorageClassName,
			Resources:        asking(larger(Requested(of), Present(of))),
			DataSourceRef:    &corev1.TypedObjectReference{Kind: "PersistentVolumeClaim", Name: of.Name},
		},
	}
}

// Shape is what a claim that a snapshot was taken of was like. The snapshot itself does not tell.
type Shape struct {
	// Class is the storage class.
	Class string
	// AccessModes and VolumeMode are the claim's.
	AccessModes []corev1.PersistentVolumeAccessMode
	VolumeMode  corev1.PersistentVolumeMode
	// Size is the least that the volume needs.
	Size resource.Quantity
	// Annotations go to the claim.
	Annotations map[string]string
}

// ShapeOf is the shape of a claim.
func ShapeOf(claim *corev1.PersistentVolumeClaim) Shape {
	return Shape{
		Class:       ptr.Deref(claim.Spec.StorageClassName, ""),
		AccessModes: slices.Clone(claim.Spec.AccessModes),
		VolumeMode:  ptr.Deref(claim.Spec.VolumeMode, corev1.PersistentVolumeFilesystem),
		Size:        larger(Requested(claim), Present(claim)),
	}
}

// Restore is a claim that starts with what a snapshot has kept, at least as large as that.
func Restore(from *VolumeSnapshot, name string, shape Shape) *corev1.PersistentVolumeClaim {
	size := shape.Size
	if from.Status != nil && from.Status.RestoreSize != nil {
		size = larger(size, *from.Status.RestoreSize)
	}
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: from.Namespace, Name: name, Annotations: shape.Annotations},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: shape.AccessModes,
			VolumeMode:  &shape.VolumeMode,
			Resources:   asking(size),
			DataSourceRef: &corev1.TypedObjectReference{
				APIGroup: ptr.To(GroupVersion.Group), Kind: VolumeSnapshotKind.Kind, Name: from.Name,
			},
		},
	}
	if shape.Class != "" {
		claim.Spec.StorageClassName = &shape.Class
	}
	return claim
}

func asking(size resource.Quantity) corev1.VolumeResourceRequirements {
	return corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: size}}
}

func only(all map[string]string, kept []string) map[string]string {
	some := maps.Clone(all)
	maps.DeleteFunc(some, func(key, _ string) bool { return !slices.Contains(kept, key) })
	if len(some) == 0 {
		return nil
	}
	return some
}

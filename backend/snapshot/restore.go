package snapshot

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// RestoreInput says what becomes of a snapshot's bytes.
type RestoreInput struct {
	// Name is the new volume's, in the same namespace.
	Name string `json:"name"`
	// StorageClassName is the new volume's; the class of the volume that the snapshot was taken of when it is left out.
	StorageClassName string `json:"storageClassName,omitempty"`
}

// restore makes a claim of the snapshot.
func restore(ctx context.Context, caller capability.Caller, snapshot *csi.VolumeSnapshot, input RestoreInput) error {
	if input.Name == "" {
		return capability.Refuse("name", "name is needed.")
	}
	if problems := validation.IsDNS1123Subdomain(input.Name); len(problems) > 0 {
		return capability.Refuse("name", "name %q is no name for an object: %s.", input.Name, strings.Join(problems, "; "))
	}
	shape, err := shapeOf(ctx, caller, snapshot)
	if err != nil {
		return err
	}
	if input.StorageClassName != "" {
		shape.Class = input.StorageClassName
	}
	if err := unlessServed(ctx, caller.View, snapshot, shape.Class); err != nil {
		return err
	}
	return caller.Client.Create(ctx, csi.Restore(snapshot, input.Name, shape))
}

// shapeOf is what the new volume is to be like: as the snapshot says it was, else as the volume that it was taken of is
// now, else as machines' disks are.
func shapeOf(ctx context.Context, caller capability.Caller, snapshot *csi.VolumeSnapshot) (csi.Shape, error) {
	if said, found := saidShape(snapshot); found {
		return said, nil
	}
	claim := &corev1.PersistentVolumeClaim{}
	key := types.NamespacedName{Namespace: snapshot.Namespace, Name: ptr.Deref(snapshot.Spec.Source.PersistentVolumeClaimName, "")}
	err := caller.Client.Get(ctx, key, claim)
	switch {
	case err == nil:
		return csi.ShapeOf(claim), nil
	case key.Name == "", apierrors.IsNotFound(err), apierrors.IsForbidden(err):
		return csi.Shape{
			Class:       snapshot.Annotations[harvesterv1.AnnotationStorageClassName],
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			VolumeMode:  corev1.PersistentVolumeBlock,
		}, nil
	default:
		return csi.Shape{}, err
	}
}

// saidShape is what a snapshot says of its volume. One that was taken by Kubernetes' own means says nothing.
func saidShape(snapshot *csi.VolumeSnapshot) (csi.Shape, bool) {
	mode := snapshot.Annotations[harvesterv1.AnnotationVolumeMode]
	access := snapshot.Annotations[harvesterv1.AnnotationAccessModes]
	if mode == "" || access == "" {
		return csi.Shape{}, false
	}
	shape := csi.Shape{
		Class:      snapshot.Annotations[harvesterv1.AnnotationStorageClassName],
		VolumeMode: corev1.PersistentVolumeMode(mode),
	}
	for each := range strings.SplitSeq(access, ",") {
		shape.AccessModes = append(shape.AccessModes, corev1.PersistentVolumeAccessMode(each))
	}
	if image := snapshot.Annotations[harvesterv1.AnnotationImageID]; image != "" {
		shape.Annotations = map[string]string{harvesterv1.AnnotationImageID: image}
	}
	return shape, true
}

// unlessServed refuses a class that does not exist, or whose driver is not the snapshot's: the volume would wait for ever.
func unlessServed(ctx context.Context, view capability.View, snapshot *csi.VolumeSnapshot, name string) error {
	if name == "" {
		return nil
	}
	class := &storagev1.StorageClass{}
	err := view.Facts.Get(ctx, types.NamespacedName{Name: name}, class)
	if apierrors.IsNotFound(err) {
		return capability.Refuse("storageClassName", "Storage class %s does not exist.", name)
	}
	if err != nil {
		return err
	}
	driver, err := driverOf(ctx, view, snapshot)
	if err != nil || driver == "" || driver == class.Provisioner {
		return err
	}
	return capability.Refuse("storageClassName", "Storage class %s is served by driver %s. The snapshot was taken by driver %s, which alone can restore it.",
		name, class.Provisioner, driver)
}

// driverOf is the driver that has taken the snapshot, "" when it is not known.
func driverOf(ctx context.Context, view capability.View, snapshot *csi.VolumeSnapshot) (string, error) {
	if name := ptr.Deref(snapshot.Spec.VolumeSnapshotClassName, ""); name != "" {
		class := &csi.VolumeSnapshotClass{}
		err := view.Facts.Get(ctx, types.NamespacedName{Name: name}, class)
		if err == nil {
			return class.Driver, nil
		}
		if !apierrors.IsNotFound(err) {
			return "", err
		}
	}
	return snapshot.Annotations[harvesterv1.AnnotationStorageProvisioner], nil
}

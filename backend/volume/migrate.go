package volume

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
)

// DataMigrationInput says where a volume's bytes go.
type DataMigrationInput struct {
	// TargetVolumeName is the new volume's name, in the same namespace.
	TargetVolumeName string `json:"targetVolumeName"`
	// TargetStorageClassName is the new volume's class.
	TargetStorageClassName string `json:"targetStorageClassName"`
}

// dataMigration has CDI copy the claim into another class. What was there stays.
func dataMigration(ctx context.Context, caller capability.Caller, v Volume, input DataMigrationInput) error {
	if err := named("targetVolumeName", input.TargetVolumeName); err != nil {
		return err
	}
	target := input.TargetStorageClassName
	if target == "" {
		return capability.Refuse("targetStorageClassName", "targetStorageClassName is needed.")
	}
	if target == ptr.Deref(v.Claim.Spec.StorageClassName, "") {
		return capability.Refuse("targetStorageClassName", "The volume is on storage class %s already.", target)
	}
	if err := classThere(ctx, caller.View, "targetStorageClassName", target); err != nil {
		return err
	}
	// CDI would wait for ever, without a word to the caller, for a claim of the name that is somebody else's.
	err := caller.Client.Get(ctx, types.NamespacedName{Namespace: v.Claim.Namespace, Name: input.TargetVolumeName}, &corev1.PersistentVolumeClaim{})
	if err == nil {
		return apierrors.NewAlreadyExists(corev1.Resource(claims), input.TargetVolumeName)
	}
	if !apierrors.IsNotFound(err) {
		return err
	}
	profile := &cdi.StorageProfile{}
	if err := client.IgnoreNotFound(caller.View.Facts.Get(ctx, types.NamespacedName{Name: target}, profile)); err != nil {
		return err
	}
	return caller.Client.Create(ctx, moved(v.Claim, input, profile))
}

// moved is the volume that the bytes go to. How many nodes can use it at a time is for the new class to say, where CDI
// knows that of it.
func moved(claim *corev1.PersistentVolumeClaim, input DataMigrationInput, profile *cdi.StorageProfile) *cdi.DataVolume {
	wanted := csi.Clone(claim, input.TargetVolumeName, harvesterv1.AnnotationImageID)
	wanted.Spec.StorageClassName = &input.TargetStorageClassName
	wanted.Spec.DataSourceRef = nil
	if cdi.Knows(profile, claim.Spec.VolumeMode) {
		wanted.Spec.AccessModes = nil
	}
	return cdi.Clone{Claim: wanted, SourceNamespace: claim.Namespace, SourceName: claim.Name}.Volume()
}

// classThere refuses a storage class that does not exist; none means the default one. That a class exists is told to
// whoever may make a volume of it, as Kubernetes does.
func classThere(ctx context.Context, view capability.View, field, class string) error {
	if class == "" {
		return nil
	}
	err := view.Facts.Get(ctx, types.NamespacedName{Name: class}, &storagev1.StorageClass{})
	if apierrors.IsNotFound(err) {
		return capability.Refuse(field, "Storage class %s does not exist.", class)
	}
	return err
}

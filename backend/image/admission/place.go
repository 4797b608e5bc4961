package admission

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

// classOf finds the class that an image is to be kept on, nil when there is none: the image then waits for it.
func (s site) classOf(ctx context.Context, of *image) (*storagev1.StorageClass, error) {
	classes := &storagev1.StorageClassList{}
	if err := s.direct.List(ctx, classes); err != nil {
		return nil, fmt.Errorf("list storage classes: %w", err)
	}
	wanted := of.Spec.TargetStorageClassName
	if wanted == "" {
		wanted = of.Annotations[harvesterv1.AnnotationStorageClassName]
	}
	for i := range classes.Items {
		class := &classes.Items[i]
		if class.Name == wanted || wanted == "" && class.Annotations[harvesterv1.AnnotationDefaultClass] == "true" {
			return class, nil
		}
	}
	return nil, nil
}

// another settles that an image is kept on the class that another image's own was made of, where a client names the latter:
// an image is no part of another, and must not keep its class from going.
func (s site) another(ctx context.Context, r request) error {
	if r.Old != nil {
		return nil
	}
	class, err := s.classOf(ctx, r.Object)
	if err != nil || class == nil || class.Provisioner != longhorn.Driver || class.Parameters[longhorn.ParameterBackingImage] == "" {
		return err
	}
	id := harvesterv1.ImageOf(class)
	if id.Name == "" {
		return nil // somebody's own class
	}
	of := &image{}
	err = s.direct.Get(ctx, id, of)
	if err == nil && of.Status.TargetStorageClassName != "" {
		r.Object.Spec.TargetStorageClassName = of.Status.TargetStorageClassName
	}
	return client.IgnoreNotFound(err)
}

// settle has an image kept by CDI where the storage is not Longhorn: clients that know Harvester's own storage alone name
// its backend without asking. Harvester's client library writes the backend as "" when nobody has chosen one. What keeps an
// image on Longhorn is settled as well: the parameters of its own class, whatever becomes of the class that they are from.
func (s site) settle(ctx context.Context, r request) error {
	spec := &r.Object.Spec
	if spec.Backend != harvesterv1.ImageBackendBackingImage && spec.Backend != "" {
		return nil
	}
	if r.Old != nil {
		spec.Backend = r.Old.Spec.Backend // what the server has settled, such a client does not know
		if len(spec.StorageClassParameters) == 0 {
			spec.StorageClassParameters = r.Old.Spec.StorageClassParameters
		}
		return nil
	}
	if spec.Backend == "" {
		spec.Backend = harvesterv1.ImageBackendCDI
		return nil
	}
	class, err := s.classOf(ctx, r.Object)
	if err != nil {
		return err
	}
	if class == nil || class.Provisioner != longhorn.Driver {
		spec.Backend = harvesterv1.ImageBackendCDI
		return nil
	}
	if len(spec.StorageClassParameters) == 0 {
		spec.StorageClassParameters = parametersOf(class)
	}
	return nil
}

// parametersOf are the parameters of a class as an image names them: all but those of the image that the class may itself
// be of.
func parametersOf(class *storagev1.StorageClass) map[string]harvesterv1.StorageClassParameter {
	named := map[string]harvesterv1.StorageClassParameter{}
	for key, value := range longhorn.VolumeParameters(class.Parameters, "") {
		named[key] = harvesterv1.StorageClassParameter(value)
	}
	return named
}

// ownClassOf is the class that an image with a backing image will have, as far as its parameters go. Refusals call it by the
// name of the class that it is made of.
func ownClassOf(image *image, like *storagev1.StorageClass) *storagev1.StorageClass {
	class := like.DeepCopy()
	if len(image.Spec.StorageClassParameters) > 0 {
		class.Parameters = map[string]string{}
		for key, value := range image.Spec.StorageClassParameters {
			class.Parameters[key] = string(value)
		}
	}
	return class
}

// volumeBackable refuses a backing image of a volume that is none of Longhorn's.
func (s site) volumeBackable(ctx context.Context, r request) error {
	spec := r.Object.Spec
	if r.Old != nil || !r.Object.IsBacked() || spec.SourceType != harvesterv1.ImageSourceVolume {
		return nil
	}
	key := types.NamespacedName{Namespace: spec.PVCNamespace, Name: spec.PVCName}
	claim, volume := &corev1.PersistentVolumeClaim{}, &corev1.PersistentVolume{}
	err := s.direct.Get(ctx, key, claim)
	if err == nil && claim.Spec.VolumeName == "" {
		return nil // it is waited for
	}
	if err == nil {
		err = s.direct.Get(ctx, types.NamespacedName{Name: claim.Spec.VolumeName}, volume)
	}
	if err != nil {
		return fmt.Errorf("read volume %s: %w", key, err)
	}
	if csi := volume.Spec.CSI; csi != nil && csi.Driver == longhorn.Driver {
		return nil
	}
	return invalid(r, field.Invalid(specPath.Child("backend"), spec.Backend, fmt.Sprintf(
		"volume %s is none of Longhorn's, and so no backing image can be made of it; use cdi", key)))
}

// sourceServed refuses what there is nothing to restore from.
func sourceServed(r request) field.ErrorList {
	if r.Old != nil || r.Object.Spec.SourceType != harvesterv1.ImageSourceRestore {
		return nil
	}
	return field.ErrorList{field.Invalid(specPath.Child("sourceType"), r.Object.Spec.SourceType,
		"is not served: there is no backup to restore an image from; use download, upload, export-from-volume or clone")}
}

// invalid is the refusal that names a field.
func invalid(r request, wrong *field.Error) error {
	return apierrors.NewInvalid(harvesterv1.VirtualMachineImageKind.GroupKind(), r.Object.Name, field.ErrorList{wrong})
}

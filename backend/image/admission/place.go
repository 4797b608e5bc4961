package admission

import (
	"context"
	"fmt"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

// classOf finds the class that an image is to be kept on, nil when there is none: the image then waits for it.
func (s site) classOf(ctx context.Context, of *image) (*storagev1.StorageClass, error) {
	classes := &storagev1.StorageClassList{}
	if err := s.reader.List(ctx, classes); err != nil {
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

// settle has an image kept by CDI where the storage is not Longhorn: clients that know Harvester's own storage alone name
// its backend without asking. Harvester's client library writes the backend as "" when nobody has chosen one.
func (s site) settle(ctx context.Context, r request) error {
	spec := &r.Object.Spec
	if spec.Backend != harvesterv1.ImageBackendBackingImage && spec.Backend != "" {
		return nil
	}
	if r.Old != nil {
		spec.Backend = r.Old.Spec.Backend // what the server has settled, such a client does not know
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
	}
	return nil
}

// backendServed refuses Longhorn's own backend, which nothing here speaks to.
func (s site) backendServed(ctx context.Context, r request) error {
	if r.Old != nil || r.Object.Spec.Backend != harvesterv1.ImageBackendBackingImage {
		return nil
	}
	class, err := s.classOf(ctx, r.Object)
	if err != nil {
		return err
	}
	name := "the site's storage class"
	if class != nil {
		name = "storage class " + class.Name
	}
	return invalid(r, field.Invalid(specPath.Child("backend"), r.Object.Spec.Backend, fmt.Sprintf(
		"is not served: use cdi, which keeps images on %s as well", name)))
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

package admission

import (
	"context"
	"fmt"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// defaultAlone refuses a second default class: Kubernetes would take the youngest, without a word.
func (s site) defaultAlone(ctx context.Context, r request) error {
	key := harvesterv1.AnnotationDefaultClass
	if r.Object.Annotations[key] != "true" || !changed(r, annotations, key) {
		return nil
	}
	classes := &storagev1.StorageClassList{}
	if err := s.direct.List(ctx, classes); err != nil {
		return fmt.Errorf("list storage classes: %w", err)
	}
	for i := range classes.Items {
		other := &classes.Items[i]
		if other.Name != r.Object.Name && other.Annotations[key] == "true" && other.DeletionTimestamp == nil {
			return apierrors.NewInvalid(storagev1.SchemeGroupVersion.WithKind("StorageClass").GroupKind(), r.Object.Name, field.ErrorList{
				field.Forbidden(annotationsPath.Key(key), fmt.Sprintf("storage class %s is the default already; take that from it first", other.Name)),
			})
		}
	}
	return nil
}

// notReserved keeps the classes of the site's own.
func notReserved(_ context.Context, r request) error {
	reserved := r.Old.Annotations[harvesterv1.AnnotationReservedClass] == "true" ||
		r.Old.Name == harvesterv1.ClassLonghornStatic || r.Old.Name == harvesterv1.ClassMachineState
	if !reserved {
		return nil
	}
	return conflict(r, "storage class %s is reserved for the site itself and stays", r.Old.Name)
}

// notDefault keeps the class of volumes that name none: without one, they would wait for ever.
func notDefault(_ context.Context, r request) error {
	if r.Old.Annotations[harvesterv1.AnnotationDefaultClass] != "true" {
		return nil
	}
	return conflict(r, "storage class %s is the default one, which volumes are made of that name none; make another the default first", r.Old.Name)
}

// unused keeps a class that the bytes of an image are on, or that volumes are cut from an image by.
func (s site) unused(ctx context.Context, r request) error {
	images := &harvesterv1.VirtualMachineImageList{}
	if err := s.direct.List(ctx, images); err != nil {
		return fmt.Errorf("list images: %w", err)
	}
	for i := range images.Items {
		if uses(&images.Items[i], r.Old.Name) {
			return conflict(r, "storage class %s is used by image %s/%s", r.Old.Name, images.Items[i].Namespace, images.Items[i].Name)
		}
	}
	return nil
}

// uses says whether an image that stays needs a class.
func uses(image *harvesterv1.VirtualMachineImage, class string) bool {
	if image.DeletionTimestamp != nil {
		return false
	}
	return image.Spec.TargetStorageClassName == class || image.Status.TargetStorageClassName == class ||
		image.Status.StorageClassName == class || image.Annotations[harvesterv1.AnnotationStorageClassName] == class
}

func conflict(r request, format string, args ...any) error {
	return admission.Conflict(storagev1.Resource("storageclasses"), r.Old.Name, format, args...)
}

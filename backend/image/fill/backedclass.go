package fill

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/pkg/phase"
)

// placeBacked chooses the class of Longhorn's that the image's own begins as. It is chosen once: the image's own class is
// there, whatever becomes of the other.
func (c *Controller) placeBacked(ctx context.Context, image *image) error {
	if image.Status.TargetStorageClassName != "" {
		return nil
	}
	classes := &storagev1.StorageClassList{}
	if err := c.Client.List(ctx, classes); err != nil {
		return fmt.Errorf("list storage classes: %w", err)
	}
	name, err := choose(image, classes.Items)
	if err != nil {
		return err
	}
	for i := range classes.Items {
		if class := &classes.Items[i]; class.Name == name && class.Provisioner != longhorn.Driver {
			return phase.Stall(ReasonBackendUnknown, "storage class %q is of driver %s, and backend backingimage needs Longhorn's, %s; use backend cdi",
				name, class.Provisioner, longhorn.Driver)
		}
	}
	image.Status.TargetStorageClassName = name
	return nil
}

// parametersOf are the parameters of the image's own class: those that it names itself, else those of the class that it was
// placed on.
func (c *Controller) parametersOf(ctx context.Context, image *image) (map[string]string, error) {
	if len(image.Spec.StorageClassParameters) > 0 {
		named := map[string]string{}
		for key, value := range image.Spec.StorageClassParameters {
			named[key] = string(value)
		}
		return named, nil
	}
	class, err := c.class(ctx, image.Status.TargetStorageClassName)
	if err != nil {
		return nil, err
	}
	if class == nil {
		return nil, phase.Stall(ReasonClassNotFound, "storage class %q does not exist", image.Status.TargetStorageClassName)
	}
	return class.Parameters, nil
}

// class is a storage class as it is now, nil when there is none.
func (c *Controller) class(ctx context.Context, name string) (*storagev1.StorageClass, error) {
	class := &storagev1.StorageClass{}
	err := c.Live.Get(ctx, types.NamespacedName{Name: name}, class)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get storage class %s: %w", name, err)
	}
	return class, nil
}

// open makes the class by which volumes start from the image: clients name it as soon as they know the image.
func (c *Controller) open(ctx context.Context, image *image) error {
	own := image.OwnClass()
	present, err := c.class(ctx, own)
	if err != nil {
		return err
	}
	if present == nil {
		if err := c.makeClass(ctx, image); err != nil {
			return err
		}
	}
	image.Status.StorageClassName = own
	return nil
}

func (c *Controller) makeClass(ctx context.Context, image *image) error {
	parameters, err := c.parametersOf(ctx, image)
	if err != nil {
		return err
	}
	like, err := c.class(ctx, image.Status.TargetStorageClassName)
	if err != nil {
		return err
	}
	err = c.Client.Create(ctx, ownClass(image, parameters, like))
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err) {
		return phase.Wait(ReasonClassRefused, lookAgain, "the image's storage class %s is refused: %s", image.OwnClass(), err)
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create storage class: %w", err)
	}
	return nil
}

// ownClass is the class by which volumes start from an image. like is the class that the image was placed on, nil when it
// is gone.
func ownClass(image *image, parameters map[string]string, like *storagev1.StorageClass) *storagev1.StorageClass {
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        image.OwnClass(),
			Annotations: map[string]string{harvesterv1.AnnotationImageID: image.Namespace + "/" + image.Name},
		},
		Provisioner:          longhorn.Driver,
		Parameters:           longhorn.VolumeParameters(parameters, image.BackingImage()),
		ReclaimPolicy:        ptr.To(corev1.PersistentVolumeReclaimDelete),
		VolumeBindingMode:    ptr.To(storagev1.VolumeBindingImmediate),
		AllowVolumeExpansion: ptr.To(true),
	}
	if like != nil {
		class.VolumeBindingMode, class.AllowedTopologies, class.MountOptions = like.VolumeBindingMode, like.AllowedTopologies, like.MountOptions
	}
	return class
}

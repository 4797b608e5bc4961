package admission

import (
	"context"
	"fmt"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// classUsable refuses the classes that the site keeps for itself: KubeVirt makes the states of machines of one, and
// Longhorn binds what is there already to the other.
func (s site) classUsable(r request) field.ErrorList {
	class := ptr.Deref(r.Object.Spec.StorageClassName, "")
	reserved := class == harvesterv1.ClassLonghornStatic || class == harvesterv1.ClassMachineState
	if !reserved || r.Old != nil || s.isAgent(r) {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec", "storageClassName"),
		fmt.Sprintf("storage class %s is reserved for the site itself; choose another", class))}
}

// ofImage gives a new volume of an image the class that the image says, where a client has made up the name of a class
// that would be the image's own.
func (s site) ofImage(ctx context.Context, r request) error {
	name := ptr.Deref(r.Object.Spec.StorageClassName, "")
	if r.Old != nil || name == "" || !takesImage(r) {
		return nil
	}
	image := &harvesterv1.VirtualMachineImage{}
	err := s.direct.Get(ctx, harvesterv1.ImageOf(r.Object), image)
	if err != nil || !image.NamesClass(name) || image.Status.StorageClassName == "" {
		return client.IgnoreNotFound(err) // one that does not exist is refused by who looks for it
	}
	err = s.direct.Get(ctx, client.ObjectKey{Name: name}, &storagev1.StorageClass{})
	if apierrors.IsNotFound(err) {
		r.Object.Spec.StorageClassName = &image.Status.StorageClassName
		return nil
	}
	return err
}

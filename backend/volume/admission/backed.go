package admission

import (
	"context"
	"errors"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/longhorn"
)

// starting is a new claim whose volume starts from a backing image, and the image that this is of.
type starting struct {
	claim *claim
	class *storagev1.StorageClass
	id    types.NamespacedName
	image *harvesterv1.VirtualMachineImage
}

// startingOf finds out whether a new claim's volume starts from a backing image: its class says so, whatever the claim says.
// Nil when it does not. image is nil when it is gone.
func (s site) startingOf(ctx context.Context, r request) (*starting, error) {
	name := ptr.Deref(r.Object.Spec.StorageClassName, "")
	if r.Old != nil || name == "" || r.Object.Spec.VolumeName != "" || r.Object.Spec.DataSource != nil || r.Object.Spec.DataSourceRef != nil {
		return nil, nil
	}
	class := &storagev1.StorageClass{}
	err := s.reader.Get(ctx, types.NamespacedName{Name: name}, class)
	if apierrors.IsNotFound(err) {
		err = s.direct.Get(ctx, types.NamespacedName{Name: name}, class) // an image's own may have been made a moment ago
	}
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("read storage class %s: %w", name, err)
	}
	if err != nil || class.Provisioner != longhorn.Driver || class.Parameters[longhorn.ParameterBackingImage] == "" {
		return nil, nil
	}
	id := harvesterv1.ImageOf(class)
	if id.Name == "" {
		return nil, nil // somebody's own backing image, of which Croft knows nothing
	}
	image := &harvesterv1.VirtualMachineImage{}
	err = s.direct.Get(ctx, id, image)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("read image %s: %w", id, err)
	}
	if err != nil || image.OwnClass() != name {
		image = nil
	}
	return &starting{claim: r.Object, class: class, id: id, image: image}, nil
}

// startReadable asks of a claim that starts from a backing image what is asked of one that is filled from an image: whoever
// gets past here has its bytes.
func (s site) startReadable(ctx context.Context, r request) error {
	from, err := s.startingOf(ctx, r)
	if err != nil || from == nil {
		return err
	}
	kind := harvesterv1.VirtualMachineImages
	if s.isAgent(r) || r.User.Username == controllers {
		return apierrors.NewForbidden(kind.GroupResource(), from.id.String(),
			errors.New("a volume that starts as an image is made by who asks for it himself"))
	}
	may, err := admission.May(ctx, s.reader, r.User, authorizationv1.ResourceAttributes{
		Verb: "get", Group: kind.Group, Resource: kind.Resource, Namespace: from.id.Namespace, Name: from.id.Name,
	})
	if err != nil || may {
		return err
	}
	return apierrors.NewForbidden(kind.GroupResource(), from.id.String(),
		fmt.Errorf("user %q may not read the image that volumes of storage class %s start from", r.User.Username, from.class.Name))
}

// startFits asks whether the image is there and is the one that the claim names, and whether the volume holds it. One that
// is not ready yet, Longhorn waits for.
func (s site) startFits(ctx context.Context, r request) error {
	from, err := s.startingOf(ctx, r)
	if err != nil || from == nil {
		return err
	}
	classPath := field.NewPath("spec", "storageClassName")
	if from.image == nil {
		return invalid(r, field.Invalid(classPath, from.class.Name, fmt.Sprintf("is of image %s, which does not exist", from.id)))
	}
	if named := harvesterv1.ImageOf(from.claim); named.Name != "" && named != from.id {
		return invalid(r, field.Invalid(imagePath, named.String(), fmt.Sprintf("storage class %s is of image %s", from.class.Name, from.id)))
	}
	size := csi.Requested(from.claim)
	if size.Value() >= from.image.Status.VirtualSize {
		return nil
	}
	return invalid(r, field.Invalid(sizePath, size.String(),
		fmt.Sprintf("image %s needs at least %s", from.id, resource.NewQuantity(from.image.Status.VirtualSize, resource.BinarySI))))
}

// ownClassTaken refuses a claim of an image that Longhorn keeps whose class is another: its volume would be empty.
func (s site) ownClassTaken(ctx context.Context, r request) error {
	if !s.namesImage(r) {
		return nil
	}
	id, image := harvesterv1.ImageOf(r.Object), &harvesterv1.VirtualMachineImage{}
	err := s.direct.Get(ctx, id, image)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read image %s: %w", id, err)
	}
	class := ptr.Deref(r.Object.Spec.StorageClassName, "")
	if err != nil || !image.IsBacked() || class == image.OwnClass() {
		return nil
	}
	return invalid(r, field.Invalid(field.NewPath("spec", "storageClassName"), class,
		fmt.Sprintf("volumes of image %s are of storage class %s", id, image.OwnClass())))
}

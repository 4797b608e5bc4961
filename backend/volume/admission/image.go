package admission

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/volume"
	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// controllers is the user of Kubernetes' own controllers where each has none of its own.
const controllers = "system:kube-controller-manager"

var (
	imagePath = field.NewPath("metadata", "annotations").Key(harvesterv1.AnnotationImageID)
	sizePath  = field.NewPath("spec", "resources", "requests", "storage")
)

// namesImage says whether a new claim is to wait for an image, though it may not say so itself. A claim that starts as
// something else, such as a clone of a volume, only remembers which image its bytes once came from.
func (s site) namesImage(r request) bool {
	c := r.Object
	named := c.Annotations[harvesterv1.AnnotationImageID] != "" && c.Annotations[harvesterv1.AnnotationGoldenImage] != "true"
	return r.Old == nil && named && !s.isAgent(r) && c.Spec.VolumeName == "" &&
		c.Spec.DataSourceRef == nil && c.Spec.DataSource == nil
}

// takesImage says whether a claim becomes one that Croft fills from an image. It asks what fill asks, of everybody and
// whatever else the claim says: whoever gets past here has the bytes.
func takesImage(r request) bool {
	if !volume.FromImage(r.Object) {
		return false
	}
	return r.Old == nil || !volume.FromImage(r.Old) || harvesterv1.ImageOf(r.Old) != harvesterv1.ImageOf(r.Object)
}

// awaitImage has the claim wait for its image: a claim with a data source is no driver's to make blank. What Longhorn keeps,
// Longhorn starts the volume from, by the class that is the image's own.
func (s site) awaitImage(ctx context.Context, r request) error {
	if !s.namesImage(r) && (r.Old != nil || !volume.FromImage(r.Object)) {
		return nil
	}
	id := harvesterv1.ImageOf(r.Object)
	group := harvesterv1.GroupVersion.Group
	r.Object.Annotations[harvesterv1.AnnotationImageID] = id.String()
	image := &harvesterv1.VirtualMachineImage{}
	err := s.direct.Get(ctx, id, image)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read image %s: %w", id, err)
	}
	if err == nil && image.IsBacked() {
		if class := ptr.Deref(r.Object.Spec.StorageClassName, ""); class == "" || image.NamesClass(class) {
			r.Object.Spec.StorageClassName = new(image.OwnClass())
		}
		r.Object.Spec.DataSourceRef, r.Object.Spec.DataSource = nil, nil
		return nil
	}
	r.Object.Spec.DataSourceRef = &corev1.TypedObjectReference{
		APIGroup: &group, Kind: harvesterv1.VirtualMachineImageKind.Kind, Name: id.Name,
	}
	return nil
}

// imageKept refuses another image for a claim: its bytes are from the one that it named first.
func imageKept(r request) field.ErrorList {
	key := harvesterv1.AnnotationImageID
	if r.Old == nil || r.Old.Annotations[key] == r.Object.Annotations[key] {
		return nil
	}
	if r.Old.Annotations[key] == "" && r.Object.Spec.VolumeName != "" && !volume.FromImage(r.Object) {
		return nil // somebody notes down where the bytes are from
	}
	return field.ErrorList{field.Forbidden(imagePath, "the image of a volume stays what it was: "+cmp.Or(r.Old.Annotations[key], "none"))}
}

// imageReadable asks whether the user may read the image: its bytes are copied with the server's rights. Nobody knows for
// whom a controller asks that makes volumes for others, and what it may read itself is not theirs.
func (s site) imageReadable(ctx context.Context, r request) error {
	if !takesImage(r) {
		return nil
	}
	id, resource := harvesterv1.ImageOf(r.Object), harvesterv1.VirtualMachineImages
	if s.isAgent(r) || r.User.Username == controllers {
		return apierrors.NewForbidden(resource.GroupResource(), id.String(),
			errors.New("a volume that starts as an image is made by who asks for it himself"))
	}
	may, err := admission.May(ctx, s.reader, r.User, authorizationv1.ResourceAttributes{
		Verb: "get", Group: resource.Group, Resource: resource.Resource, Namespace: id.Namespace, Name: id.Name,
	})
	if err != nil || may {
		return err
	}
	return apierrors.NewForbidden(resource.GroupResource(), id.String(),
		fmt.Errorf("user %q may not read the image of the volume", r.User.Username))
}

// imageFits asks whether the image exists and the volume holds it. One that is not ready yet is waited for.
func (s site) imageFits(ctx context.Context, r request) error {
	if !takesImage(r) {
		return nil
	}
	id, image := harvesterv1.ImageOf(r.Object), &harvesterv1.VirtualMachineImage{}
	err := s.direct.Get(ctx, id, image)
	if apierrors.IsNotFound(err) {
		return invalid(r, field.NotFound(imagePath, id.String()))
	}
	if err != nil {
		return fmt.Errorf("read image %s: %w", id, err)
	}
	size := csi.Requested(r.Object)
	if size.Value() >= image.Status.VirtualSize {
		return nil
	}
	return invalid(r, field.Invalid(sizePath, size.String(),
		fmt.Sprintf("image %s needs at least %s", id, resource.NewQuantity(image.Status.VirtualSize, resource.BinarySI))))
}

// notAnImage keeps the bytes of an image as long as it is there.
func (s site) notAnImage(ctx context.Context, r request) error {
	id := r.Old.Annotations[harvesterv1.AnnotationImageID]
	if r.Old.Annotations[harvesterv1.AnnotationGoldenImage] != "true" || id == "" {
		return nil
	}
	namespace, name, _ := strings.Cut(id, "/")
	image := &harvesterv1.VirtualMachineImage{}
	err := s.direct.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, image)
	if apierrors.IsNotFound(err) || err == nil && (image.DeletionTimestamp != nil || !image.Ready()) {
		return nil // it goes with its image, or is what a failed attempt has left
	}
	if err != nil {
		return fmt.Errorf("read image %s: %w", id, err)
	}
	return conflict(r, "volume %s holds the bytes of image %s; delete the image instead", r.Old.Name, id)
}

func invalid(r request, wrong *field.Error) error {
	return apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim").GroupKind(), r.Object.Name, field.ErrorList{wrong})
}

func conflict(r request, format string, args ...any) error {
	subject := r.Object
	if subject == nil {
		subject = r.Old
	}
	return admission.Conflict(corev1.Resource("persistentvolumeclaims"), subject.Name, format, args...)
}

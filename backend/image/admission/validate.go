package admission

import (
	"context"
	"fmt"
	"net/url"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

var specPath = field.NewPath("spec")

// addressReachable asks for a URL that can be fetched.
func addressReachable(r request) field.ErrorList {
	if r.Object.Spec.SourceType != harvesterv1.ImageSourceDownload || r.Object.Spec.URL == "" {
		return nil // the schema asks for a url
	}
	parsed, err := url.Parse(r.Object.Spec.URL)
	if err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" {
		return nil
	}
	return field.ErrorList{field.Invalid(specPath.Child("url"), r.Object.Spec.URL, "must be a URL with http or https and a host")}
}

// classKept refuses another storage class for an image that exists.
func classKept(r request) field.ErrorList {
	key := harvesterv1.AnnotationStorageClassName
	if r.Old == nil || r.Old.Annotations[key] == r.Object.Annotations[key] {
		return nil
	}
	path := field.NewPath("metadata", "annotations").Key(key)
	return field.ErrorList{field.Forbidden(path, "the storage class cannot be changed once the image exists")}
}

// nameFree refuses a display name that another image of the namespace has, also one that was made a moment ago.
func (s site) nameFree(ctx context.Context, r request) error {
	if r.Old != nil {
		return nil
	}
	images := &harvesterv1.VirtualMachineImageList{}
	if err := s.direct.List(ctx, images, client.InNamespace(r.Object.Namespace)); err != nil {
		return fmt.Errorf("list images: %w", err)
	}
	for i := range images.Items {
		other := &images.Items[i]
		if other.Spec.DisplayName == r.Object.Spec.DisplayName && other.Name != r.Object.Name {
			return conflict(r, "A resource with the same name exists: image %s has displayName %s", other.Name, other.Spec.DisplayName)
		}
	}
	return nil
}

// volumeFree refuses an image whose own volume could not be made, because a volume of its name is there already.
func (s site) volumeFree(ctx context.Context, r request) error {
	if r.Old != nil || r.Object.Name == "" || r.Object.IsBacked() { // a name that the server makes is new
		return nil
	}
	claim := &corev1.PersistentVolumeClaim{}
	err := s.direct.Get(ctx, types.NamespacedName{Namespace: r.Object.Namespace, Name: r.Object.Name}, claim)
	if apierrors.IsNotFound(err) || err == nil && claim.DeletionTimestamp != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read volume %s: %w", r.Object.Name, err)
	}
	return conflict(r, "a volume named %s exists already in %s; the image needs that name for its own", r.Object.Name, r.Object.Namespace)
}

// sourceReadable asks whether the user may read the volume or the image that this one is to be a copy of.
func (s site) sourceReadable(ctx context.Context, r request) error {
	if r.Old != nil {
		return nil
	}
	spec, attributes := r.Object.Spec, authorizationv1.ResourceAttributes{Verb: "get"}
	switch {
	case spec.SourceType == harvesterv1.ImageSourceVolume:
		attributes.Resource, attributes.Namespace, attributes.Name = "persistentvolumeclaims", spec.PVCNamespace, spec.PVCName
	case spec.SourceType == harvesterv1.ImageSourceClone && spec.SecurityParameters != nil:
		attributes.Group, attributes.Resource = harvesterv1.VirtualMachineImages.Group, harvesterv1.VirtualMachineImages.Resource
		attributes.Namespace, attributes.Name = spec.SecurityParameters.SourceImageNamespace, spec.SecurityParameters.SourceImageName
	default:
		return nil
	}
	may, err := admission.May(ctx, s.reader, r.User, attributes)
	if err != nil || may {
		return err
	}
	source := attributes.Namespace + "/" + attributes.Name
	return apierrors.NewForbidden(harvesterv1.VirtualMachineImages.GroupResource(), r.Object.Name,
		fmt.Errorf("user %q may not read the source %s", r.User.Username, source))
}

// sourceThere asks for a volume to copy, once it is known that the user may know of it.
func (s site) sourceThere(ctx context.Context, r request) error {
	spec := r.Object.Spec
	if r.Old != nil || spec.SourceType != harvesterv1.ImageSourceVolume {
		return nil
	}
	key := types.NamespacedName{Namespace: spec.PVCNamespace, Name: spec.PVCName}
	err := s.direct.Get(ctx, key, &corev1.PersistentVolumeClaim{})
	if apierrors.IsNotFound(err) {
		return invalid(r, field.NotFound(specPath.Child("pvcName"), key.String()))
	}
	if err != nil {
		return fmt.Errorf("read volume %s: %w", key, err)
	}
	return nil
}

func conflict(r request, format string, args ...any) error {
	subject := r.Object
	if subject == nil {
		subject = r.Old
	}
	return admission.Conflict(harvesterv1.VirtualMachineImages.GroupResource(), subject.Name, format, args...)
}

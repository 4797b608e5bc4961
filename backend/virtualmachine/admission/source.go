package admission

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

// origin is what a new volume is to start as a copy of, besides an image: a claim, a snapshot, or whatever else storage
// can make volumes of.
type origin struct {
	corev1.TypedObjectReference

	at *field.Path
}

// originsOf are what a template names: Kubernetes takes either field, and takes one for the other.
func originsOf(template claim.Template, at *field.Path) []origin {
	var origins []origin
	if from := template.Spec.DataSource; from != nil {
		origins = append(origins, origin{
			corev1.TypedObjectReference{APIGroup: from.APIGroup, Kind: from.Kind, Name: from.Name}, at.Child("dataSource"),
		})
	}
	if from := template.Spec.DataSourceRef; from != nil {
		origins = append(origins, origin{*from, at.Child("dataSourceRef")})
	}
	return origins
}

// sourcesReadable asks whether what new volumes are to be copies of is there and fits, and whether the user may read it:
// the copy is made with the server's rights.
func (s site) sourcesReadable(ctx context.Context, r request) error {
	for i, template := range templatesOf(r.Object) {
		if known(r, template) {
			continue
		}
		for _, from := range originsOf(template, templatesPath.Index(i).Child("spec")) {
			if err := s.originReadable(ctx, r, i, template, from); err != nil {
				return err
			}
		}
	}
	return nil
}

// originReadable asks about one of them.
func (s site) originReadable(ctx context.Context, r request, i int, template claim.Template, from origin) error {
	if namespace := ptr.Deref(from.Namespace, ""); namespace != "" && namespace != r.Object.Namespace {
		return invalid(r, field.Forbidden(from.at.Child("namespace"),
			"a volume can only be a copy of what is in the machine's own namespace "+r.Object.Namespace))
	}
	kind := schema.GroupKind{Group: ptr.Deref(from.APIGroup, ""), Kind: from.Kind}
	if kind != corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim").GroupKind() {
		return s.otherReadable(ctx, r, kind, from)
	}
	source := &corev1.PersistentVolumeClaim{}
	err := s.direct.Get(ctx, types.NamespacedName{Namespace: r.Object.Namespace, Name: from.Name}, source)
	if apierrors.IsNotFound(err) {
		return invalid(r, field.NotFound(from.at.Child("name"), from.Name))
	}
	if err != nil {
		return fmt.Errorf("read volume %s: %w", from.Name, err)
	}
	if err := s.copyAllowed(ctx, r, source); err != nil {
		return err
	}
	needs, size := claim.Size(source), template.Spec.Resources.Requests[corev1.ResourceStorage]
	if size.Cmp(needs) < 0 {
		return invalid(r, field.Invalid(templatesPath.Index(i).Child("spec", "resources", "requests", "storage"), size.String(),
			fmt.Sprintf("a copy of volume %s needs %s", from.Name, needs.String())))
	}
	return nil
}

// otherReadable asks whether the user may read what is no claim, such as a snapshot. Whether it is there, its storage
// says.
func (s site) otherReadable(ctx context.Context, r request, kind schema.GroupKind, from origin) error {
	if kind == harvesterv1.VirtualMachineImageKind.GroupKind() {
		return invalid(r, field.Forbidden(from.at,
			"an image is named by the template's annotation "+harvesterv1.AnnotationImageID+" alone"))
	}
	mapping, err := s.reader.RESTMapper().RESTMapping(kind)
	if apimeta.IsNoMatchError(err) {
		return invalid(r, field.Invalid(from.at.Child("kind"), kind.String(), "the site has nothing of this kind"))
	}
	if err != nil {
		return fmt.Errorf("look for kind %s: %w", kind, err)
	}
	resource := mapping.Resource.GroupResource()
	may, err := s.mayAuthor(ctx, r, authorizationv1.ResourceAttributes{
		Verb: "get", Group: resource.Group, Resource: resource.Resource, Namespace: r.Object.Namespace, Name: from.Name,
	})
	if err != nil {
		return err
	}
	if !may {
		return apierrors.NewForbidden(resource, from.Name, fmt.Errorf("%s may not read it, and so not copy it", s.authorOf(r)))
	}
	return nil
}

// copyAllowed asks whether the user may read a claim, or the image whose bytes it holds.
func (s site) copyAllowed(ctx context.Context, r request, source *corev1.PersistentVolumeClaim) error {
	what := authorizationv1.ResourceAttributes{
		Verb: "get", Resource: "persistentvolumeclaims", Namespace: source.Namespace, Name: source.Name,
	}
	resource := corev1.Resource(what.Resource)
	if source.Annotations[harvesterv1.AnnotationGoldenImage] == "true" {
		resource = harvesterv1.VirtualMachineImages.GroupResource()
		what.Group, what.Resource = resource.Group, resource.Resource
	}
	may, err := s.mayAuthor(ctx, r, what)
	if err != nil {
		return err
	}
	if !may {
		return apierrors.NewForbidden(resource, source.Name, fmt.Errorf("%s may not read it, and so not copy it", s.authorOf(r)))
	}
	return nil
}

// classesMatch asks of the storage classes of new volumes that are one image's whether it is that image that is wanted.
func (s site) classesMatch(ctx context.Context, r request) error {
	for i, template := range templatesOf(r.Object) {
		name := template.Spec.StorageClassName
		if known(r, template) || name == nil || *name == "" || template.Copied() {
			continue
		}
		if err := s.backedByClass(ctx, r, i, template); err != nil {
			return err
		}
		class := &storagev1.StorageClass{}
		err := s.direct.Get(ctx, types.NamespacedName{Name: *name}, class)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("read storage class %s: %w", *name, err)
		}
		if err != nil || class.Parameters[longhorn.ParameterBackingImage] == "" {
			continue // a class that is not there is told when the volume is made
		}
		if err := s.imageOfClass(ctx, r, i, template, class.Name); err != nil {
			return err
		}
	}
	return nil
}

// imageOfClass refuses a template that names no image, or another than the one its class is made for.
func (s site) imageOfClass(ctx context.Context, r request, i int, template claim.Template, class string) error {
	path := templatesPath.Index(i).Child("metadata", "annotations").Key(harvesterv1.AnnotationImageID)
	namespace, name := template.Image(r.Object.Namespace)
	if name == "" {
		return invalid(r, field.Required(path, "storage class "+class+" is an image's; say which"))
	}
	image := &harvesterv1.VirtualMachineImage{}
	if err := s.direct.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, image); err != nil {
		return fmt.Errorf("read image %s/%s: %w", namespace, name, err)
	}
	if image.Status.StorageClassName != class {
		return invalid(r, field.Invalid(path, namespace+"/"+name, fmt.Sprintf(
			"storage class %s is another image's; this one's is %s", class, image.Status.StorageClassName)))
	}
	return nil
}

// backedByClass refuses a template of an image that Longhorn keeps whose class is not the image's own: Longhorn would make
// an empty volume.
func (s site) backedByClass(ctx context.Context, r request, i int, template claim.Template) error {
	namespace, name := template.Image(r.Object.Namespace)
	if name == "" {
		return nil
	}
	image := &harvesterv1.VirtualMachineImage{}
	err := s.direct.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, image)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read image %s/%s: %w", namespace, name, err)
	}
	if err != nil || !image.IsBacked() || image.NamesClass(*template.Spec.StorageClassName) {
		return nil
	}
	return invalid(r, field.Invalid(templatesPath.Index(i).Child("spec", "storageClassName"), *template.Spec.StorageClassName,
		fmt.Sprintf("volumes of image %s/%s are of storage class %s", namespace, name, image.OwnClass())))
}

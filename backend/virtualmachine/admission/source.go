package admission

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// sourcesReadable asks whether the claims that new volumes are to be copies of are there and fit, and whether the user
// may read them: the copy is made with the server's rights.
func (s site) sourcesReadable(ctx context.Context, r request) error {
	for i, template := range templatesOf(r.Object) {
		from := template.Spec.DataSource
		if known(r, template.Name) || from == nil || from.Kind != "PersistentVolumeClaim" {
			continue
		}
		path := templatesPath.Index(i).Child("spec", "dataSource", "name")
		source := &corev1.PersistentVolumeClaim{}
		err := s.reader.Get(ctx, types.NamespacedName{Namespace: r.Object.Namespace, Name: from.Name}, source)
		if apierrors.IsNotFound(err) {
			return invalid(r, field.NotFound(path, from.Name))
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

// parameterBackingImage is the parameter of a storage class whose volumes start as copies of one image.
const parameterBackingImage = "backingImage"

// classesMatch asks of the storage classes of new volumes that are one image's whether it is that image that is wanted.
func (s site) classesMatch(ctx context.Context, r request) error {
	for i, template := range templatesOf(r.Object) {
		name := template.Spec.StorageClassName
		if known(r, template.Name) || name == nil || *name == "" || template.Copied() {
			continue
		}
		class := &storagev1.StorageClass{}
		err := s.reader.Get(ctx, types.NamespacedName{Name: *name}, class)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("read storage class %s: %w", *name, err)
		}
		if err != nil || class.Parameters[parameterBackingImage] == "" {
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
	if err := s.reader.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, image); err != nil {
		return fmt.Errorf("read image %s/%s: %w", namespace, name, err)
	}
	if image.Status.StorageClassName != class {
		return invalid(r, field.Invalid(path, namespace+"/"+name, fmt.Sprintf(
			"storage class %s is another image's; this one's is %s", class, image.Status.StorageClassName)))
	}
	return nil
}

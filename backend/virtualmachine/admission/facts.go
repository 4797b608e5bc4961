package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

var machineKind = kubevirt.VirtualMachineKind.GroupKind()

// cut is a claim template that is to be cut from an image.
type cut struct {
	claim.Template

	at    *field.Path
	image types.NamespacedName
}

// newCuts are the templates that were not there before and name an image.
func newCuts(r request) []cut {
	var cuts []cut
	for i, template := range templatesOf(r.Object) {
		namespace, name := template.Image(r.Object.Namespace)
		if known(r, template) || name == "" || template.Copied() {
			continue
		}
		cuts = append(cuts, cut{Template: template, at: templatesPath.Index(i), image: types.NamespacedName{Namespace: namespace, Name: name}})
	}
	return cuts
}

// known says whether a volume was the machine's before, made of the same: made for it, or where one of its volumes was
// being moved to. One that is to be made of something else is asked about like any other, because it is made when its
// claim is gone.
func known(r request, template claim.Template) bool {
	return slices.ContainsFunc(templatesOf(r.Old), func(old claim.Template) bool {
		return (old.Name == template.Name || old.TargetVolume == template.Name) && sameOrigin(old, template)
	})
}

// sameOrigin says whether two templates take their bytes from the same.
func sameOrigin(a, b claim.Template) bool {
	return a.Annotations[harvesterv1.AnnotationImageID] == b.Annotations[harvesterv1.AnnotationImageID] &&
		equality.Semantic.DeepEqual(a.Spec.DataSource, b.Spec.DataSource) &&
		equality.Semantic.DeepEqual(a.Spec.DataSourceRef, b.Spec.DataSourceRef)
}

// imagesReadable asks whether the user may read the images that the machine's volumes are to be cut from: the copy is
// made with the server's rights, and would show the user what is in them.
func (s site) imagesReadable(ctx context.Context, r request) error {
	for _, cut := range newCuts(r) {
		may, err := s.mayAuthor(ctx, r, authorizationv1.ResourceAttributes{
			Verb: "get", Group: harvesterv1.VirtualMachineImages.Group, Resource: harvesterv1.VirtualMachineImages.Resource,
			Namespace: cut.image.Namespace, Name: cut.image.Name,
		})
		if err != nil {
			return err
		}
		if !may {
			return apierrors.NewForbidden(harvesterv1.VirtualMachineImages.GroupResource(), cut.image.String(),
				fmt.Errorf("%s may not read the image of volume %s", s.authorOf(r), cut.Name))
		}
	}
	return nil
}

// imagesUsable asks whether the images are there and fit the volumes.
func (s site) imagesUsable(ctx context.Context, r request) error {
	for _, cut := range newCuts(r) {
		image := &harvesterv1.VirtualMachineImage{}
		err := s.direct.Get(ctx, cut.image, image)
		if apierrors.IsNotFound(err) {
			return invalid(r, field.NotFound(cut.at.Child("metadata", "annotations").Key(harvesterv1.AnnotationImageID), cut.image.String()))
		}
		if err != nil {
			return fmt.Errorf("read image %s: %w", cut.image, err)
		}
		if !image.Ready() {
			return conflict(r, "image %s is not ready: %s", cut.image, stateOf(image))
		}
		size := cut.Spec.Resources.Requests[corev1.ResourceStorage]
		if size.Value() < image.Status.VirtualSize {
			return invalid(r, field.Invalid(cut.at.Child("spec", "resources", "requests", "storage"), size.String(),
				fmt.Sprintf("image %s needs at least %s", cut.image, resource.NewQuantity(image.Status.VirtualSize, resource.BinarySI))))
		}
	}
	return nil
}

// stateOf is how far an image has come, in a sentence.
func stateOf(image *harvesterv1.VirtualMachineImage) string {
	imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
	if imported != nil && imported.Message != "" {
		return imported.Message
	}
	return fmt.Sprintf("%d %% of it are there", image.Status.Progress)
}

// indexVolumes is the index of machines by the names of their volumes.
const indexVolumes = "volumes"

// volumesFree asks whether the volumes that are plugged in anew may be: an image's own volume may not, and another
// machine's only when both can write to it.
func (s site) volumesFree(ctx context.Context, r request) error {
	var before []string
	if r.Old != nil {
		before = claim.Touched(r.Old)
	}
	for _, name := range claim.Touched(r.Object) {
		if slices.Contains(before, name) {
			continue
		}
		present := &corev1.PersistentVolumeClaim{}
		err := s.direct.Get(ctx, types.NamespacedName{Namespace: r.Object.Namespace, Name: name}, present)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("read volume %s: %w", name, err)
		}
		if apierrors.IsNotFound(err) {
			present = nil // it is to be made
		} else if present.Annotations[harvesterv1.AnnotationGoldenImage] == "true" {
			return invalid(r, field.Forbidden(templatePath.Child("volumes"), fmt.Sprintf(
				"volume %s holds the bytes of image %s and cannot be plugged in; cut a volume from the image",
				name, present.Annotations[harvesterv1.AnnotationImageID])))
		}
		users, err := s.usersOf(ctx, r, name, present)
		if err != nil {
			return err
		}
		if len(users) > 0 && !claim.Shared(r.Object, name, present) {
			return conflict(r, "volume %s is used by %s", name, strings.Join(users, ", "))
		}
	}
	return nil
}

// usersOf are the other machines that use a volume: those that it lists, and those too new to be listed, as they are now.
// Not every machine of the namespace is looked at for each that is made: KubeVirt and the volume's list say what is missed.
// present is nil while the volume is still to be made.
func (s site) usersOf(ctx context.Context, r request, name string, present *corev1.PersistentVolumeClaim) ([]string, error) {
	machines, err := s.search(client.InNamespace(r.Object.Namespace), client.MatchingFields{indexVolumes: name}).
		Holders(ctx, &kubevirt.VirtualMachineList{}, func(object client.Object) bool {
			return slices.Contains(claim.Named(object.(*machine)), name)
		})
	if err != nil {
		return nil, fmt.Errorf("look for machines with volume %s: %w", name, err)
	}
	var users []string
	if present != nil {
		users = claim.Machines(present)
	}
	for _, other := range machines {
		users = append(users, client.ObjectKeyFromObject(other).String())
	}
	slices.Sort(users)
	self := r.Object.Namespace + "/" + r.Object.Name
	return slices.DeleteFunc(slices.Compact(users), func(ref string) bool { return ref == self }), nil
}

func invalid(r request, wrong *field.Error) error {
	return apierrors.NewInvalid(machineKind, r.Object.Name, field.ErrorList{wrong})
}

func conflict(r request, format string, args ...any) error {
	return admission.Conflict(kubevirt.VirtualMachines.GroupResource(), r.Object.Name, format, args...)
}

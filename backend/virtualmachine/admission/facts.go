package admission

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

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
		before := slices.ContainsFunc(templatesOf(r.Old), func(old claim.Template) bool { return old.Name == template.Name })
		namespace, name := template.Image(r.Object.Namespace)
		if before || name == "" {
			continue
		}
		cuts = append(cuts, cut{Template: template, at: templatesPath.Index(i), image: types.NamespacedName{Namespace: namespace, Name: name}})
	}
	return cuts
}

// imagesReadable asks whether the user may read the images that the machine's volumes are to be cut from: the copy is
// made with the server's rights, and would show the user what is in them.
func (s site) imagesReadable(ctx context.Context, r request) error {
	for _, cut := range newCuts(r) {
		may, err := admission.May(ctx, s.reader, r.User, authorizationv1.ResourceAttributes{
			Verb: "get", Group: harvesterv1.VirtualMachineImages.Group, Resource: harvesterv1.VirtualMachineImages.Resource,
			Namespace: cut.image.Namespace, Name: cut.image.Name,
		})
		if err != nil {
			return err
		}
		if !may {
			return apierrors.NewForbidden(harvesterv1.VirtualMachineImages.GroupResource(), cut.image.String(),
				fmt.Errorf("user %q may not read the image of volume %s", r.User.Username, cut.Name))
		}
	}
	return nil
}

// imagesUsable asks whether the images are there and fit the volumes.
func (s site) imagesUsable(ctx context.Context, r request) error {
	for _, cut := range newCuts(r) {
		image := &harvesterv1.VirtualMachineImage{}
		err := s.reader.Get(ctx, cut.image, image)
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

// volumesFree asks whether the volumes that are plugged in anew may be: an image's own volume may not, and another
// machine's only when both can write to it.
func (s site) volumesFree(ctx context.Context, r request) error {
	var before []string
	if r.Old != nil {
		before = claim.Used(r.Old)
	}
	for _, name := range claim.Used(r.Object) {
		if slices.Contains(before, name) {
			continue
		}
		present := &corev1.PersistentVolumeClaim{}
		err := s.reader.Get(ctx, types.NamespacedName{Namespace: r.Object.Namespace, Name: name}, present)
		if apierrors.IsNotFound(err) {
			continue // it is to be made
		}
		if err != nil {
			return fmt.Errorf("read volume %s: %w", name, err)
		}
		if err := unlessFree(r, present); err != nil {
			return err
		}
	}
	return nil
}

// unlessFree says why a volume may not be plugged into a machine.
func unlessFree(r request, present *corev1.PersistentVolumeClaim) error {
	if present.Annotations[harvesterv1.AnnotationGoldenImage] == "true" {
		return invalid(r, field.Forbidden(templatePath.Child("volumes"), fmt.Sprintf(
			"volume %s holds the bytes of image %s and cannot be plugged in; cut a volume from the image",
			present.Name, present.Annotations[harvesterv1.AnnotationImageID])))
	}
	self := r.Object.Namespace + "/" + r.Object.Name
	others := slices.DeleteFunc(claim.Machines(present), func(ref string) bool { return ref == self })
	if len(others) == 0 || shared(r.Object, present) {
		return nil
	}
	return conflict(r, "volume %s is used by %s", present.Name, strings.Join(others, ", "))
}

// shared says whether a machine plugs a volume in as one that others may write to as well.
func shared(vm *machine, present *corev1.PersistentVolumeClaim) bool {
	if !slices.Contains(present.Spec.AccessModes, corev1.ReadWriteMany) {
		return false
	}
	spec := &vm.Spec.Template.Spec
	for _, volume := range spec.Volumes {
		if volume.PersistentVolumeClaim == nil || volume.PersistentVolumeClaim.ClaimName != present.Name {
			continue
		}
		for _, disk := range spec.Domain.Devices.Disks {
			if disk.Name == volume.Name && disk.Shareable != nil && *disk.Shareable {
				return true
			}
		}
	}
	return false
}

func invalid(r request, wrong *field.Error) error {
	return apierrors.NewInvalid(machineKind, r.Object.Name, field.ErrorList{wrong})
}

func conflict(r request, format string, args ...any) error {
	refusal := apierrors.NewConflict(kubevirt.VirtualMachines.GroupResource(), r.Object.Name, errors.New("in use"))
	refusal.ErrStatus.Message = fmt.Sprintf(format, args...)
	return refusal
}

package admission

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// unused keeps an image that volumes were cut from, or are to be cut from, and names the first of them.
func (s site) unused(ctx context.Context, r request) error {
	id := r.Old.Namespace + "/" + r.Old.Name
	claims, err := s.search().Holders(ctx, &corev1.PersistentVolumeClaimList{}, func(object client.Object) bool {
		return object.GetDeletionTimestamp() == nil && cutFrom(object.(*corev1.PersistentVolumeClaim), r.Old)
	})
	if err != nil {
		return fmt.Errorf("look for volumes of image %s: %w", id, err)
	}
	if len(claims) > 0 {
		return conflict(r, "image %s is used by volume %s", id, client.ObjectKeyFromObject(claims[0]))
	}
	machines, err := s.search().Holders(ctx, &kubevirt.VirtualMachineList{}, func(object client.Object) bool {
		return object.GetDeletionTimestamp() == nil && wants(object.(*kubevirt.VirtualMachine), r.Old)
	})
	if err != nil {
		return fmt.Errorf("look for machines of image %s: %w", id, err)
	}
	if len(machines) > 0 {
		return conflict(r, "image %s is used by virtual machine %s", id, client.ObjectKeyFromObject(machines[0]))
	}
	return nil
}

// search looks for what keeps an image. What is remembered is only looked at, and so needs no copies.
func (s site) search() admission.Search {
	return admission.Search{Cache: s.reader, Live: s.direct, Quick: []client.ListOption{client.UnsafeDisableDeepCopy}}
}

// cutFrom says whether a claim is a copy of the image, and not the image's own. Longhorn keeps a backing image under each
// claim of its class, whatever the claim says of itself.
func cutFrom(claim *corev1.PersistentVolumeClaim, of *image) bool {
	if of.IsBacked() && of.UID != "" && ptr.Deref(claim.Spec.StorageClassName, "") == of.OwnClass() {
		return true
	}
	return claim.Annotations[harvesterv1.AnnotationImageID] == of.Namespace+"/"+of.Name && claim.Annotations[harvesterv1.AnnotationGoldenImage] != "true"
}

// wants says whether a machine has a claim template of the image.
func wants(vm *kubevirt.VirtualMachine, of *image) bool {
	var templates []corev1.PersistentVolumeClaim
	if json.Unmarshal([]byte(vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]), &templates) != nil {
		return false // no claim will be made of what cannot be read
	}
	for i := range templates {
		if cutFrom(&templates[i], of) {
			return true
		}
	}
	return false
}

// unreferenced keeps an image that another one is being copied from, or that a version of a template names.
func (s site) unreferenced(ctx context.Context, r request) error {
	id := r.Old.Namespace + "/" + r.Old.Name
	images := &harvesterv1.VirtualMachineImageList{}
	if err := s.direct.List(ctx, images); err != nil {
		return fmt.Errorf("list images: %w", err)
	}
	for i := range images.Items {
		if copies(&images.Items[i], id) {
			return conflict(r, "image %s is used by image %s/%s, which is being copied from it", id, images.Items[i].Namespace, images.Items[i].Name)
		}
	}
	versions := &unstructured.UnstructuredList{}
	versions.SetGroupVersionKind(harvesterv1.GroupVersion.WithKind("VirtualMachineTemplateVersionList"))
	err := s.direct.List(ctx, versions)
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return nil // a site without templates
	}
	if err != nil {
		return fmt.Errorf("list versions of templates: %w", err)
	}
	for i := range versions.Items {
		if named(&versions.Items[i], r.Old) {
			return conflict(r, "image %s is used by template version %s/%s", id, versions.Items[i].GetNamespace(), versions.Items[i].GetName())
		}
	}
	return nil
}

// copies says whether an image is still being copied from another one.
func copies(of *harvesterv1.VirtualMachineImage, id string) bool {
	parameters := of.Spec.SecurityParameters
	return parameters != nil && of.DeletionTimestamp == nil && !of.Ready() &&
		parameters.SourceImageNamespace+"/"+parameters.SourceImageName == id
}

// named says whether a version of a template names an image: as its own, or in a claim template of its machine.
func named(version *unstructured.Unstructured, of *image) bool {
	if version.GetDeletionTimestamp() != nil {
		return false
	}
	if own, _, _ := unstructured.NestedString(version.Object, "spec", "imageId"); own == of.Namespace+"/"+of.Name {
		return true
	}
	claims, _, _ := unstructured.NestedString(version.Object, "spec", "vm", "metadata", "annotations", harvesterv1.AnnotationVolumeClaimTemplates)
	vm := &kubevirt.VirtualMachine{}
	vm.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: claims}
	return wants(vm, of)
}

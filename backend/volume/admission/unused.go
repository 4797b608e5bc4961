package admission

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
)

// claimsOf are the names of the claims that a machine uses or has templates of.
func claimsOf(vm *kubevirt.VirtualMachine) []string {
	var names []string
	if vm.Spec.Template != nil {
		names = kubevirt.ClaimsOf(vm.Spec.Template.Spec.Volumes)
	}
	var templates []claim
	if json.Unmarshal([]byte(vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]), &templates) == nil {
		for i := range templates {
			names = append(names, templates[i].Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// search looks for what keeps a volume. The server itself, which deletes the volumes of many machines at once, has looked
// before it asks.
func (s site) search(r request, among ...client.ListOption) admission.Search {
	return admission.Search{Cache: s.reader, Live: s.direct, Among: among, Remembered: r.User.Username == s.self}
}

// machines are those that have a claim among their volumes and stay. One that is being deleted has chosen already which
// volumes go with it.
func (s site) machines(ctx context.Context, r request) ([]*kubevirt.VirtualMachine, error) {
	of := r.Old
	search := s.search(r, client.InNamespace(of.Namespace))
	search.Quick = []client.ListOption{client.MatchingFields{indexMachines: of.Name}}
	found, err := search.Holders(ctx, &kubevirt.VirtualMachineList{}, func(object client.Object) bool {
		return object.GetDeletionTimestamp() == nil && slices.Contains(claimsOf(object.(*kubevirt.VirtualMachine)), of.Name)
	})
	if err != nil {
		return nil, fmt.Errorf("look for machines with volume %s: %w", of.Name, err)
	}
	machines := make([]*kubevirt.VirtualMachine, 0, len(found))
	for _, object := range found {
		machines = append(machines, object.(*kubevirt.VirtualMachine))
	}
	return machines, nil
}

// unused keeps a volume that a machine has, running or not.
func (s site) unused(ctx context.Context, r request) error {
	machines, err := s.machines(ctx, r)
	if err != nil || len(machines) == 0 {
		return err
	}
	var names []string
	for i := range machines {
		names = append(names, machines[i].Name)
	}
	return conflict(r, "volume %s is used by virtual machine %s; take it out of the machine first", r.Old.Name, strings.Join(names, ", "))
}

// ejectedByWhoMay asks whether who marks a claim to go may delete it: it goes by a controller's rights.
func (s site) ejectedByWhoMay(ctx context.Context, r request) error {
	mark := func(c *claim) bool { return c != nil && c.Annotations[harvesterv1.AnnotationEjected] != "" }
	if !mark(r.Object) || mark(r.Old) {
		return nil
	}
	resource := corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims")
	may, err := admission.May(ctx, s.reader, r.User, authorizationv1.ResourceAttributes{
		Verb: "delete", Resource: resource.Resource, Namespace: r.Object.Namespace, Name: r.Object.Name,
	})
	if err != nil || may {
		return err
	}
	return apierrors.NewForbidden(resource.GroupResource(), r.Object.Name,
		fmt.Errorf("user %q may not delete the volume, and so not mark it as ejected", r.User.Username))
}

// notExported keeps a volume until the image that is made of it has its bytes.
func (s site) notExported(ctx context.Context, r request) error {
	images, err := s.search(r).Holders(ctx, &harvesterv1.VirtualMachineImageList{}, func(object client.Object) bool {
		return exports(object.(*harvesterv1.VirtualMachineImage), r.Old)
	})
	if err != nil {
		return fmt.Errorf("look for images of volume %s: %w", r.Old.Name, err)
	}
	if len(images) == 0 {
		return nil
	}
	return conflict(r, "volume %s is being exported to image %s", r.Old.Name, client.ObjectKeyFromObject(images[0]))
}

// exports says whether an image still takes its bytes from a claim.
func exports(image *harvesterv1.VirtualMachineImage, from *claim) bool {
	spec, conditions := image.Spec, image.Status.Conditions
	return spec.SourceType == harvesterv1.ImageSourceVolume && spec.PVCNamespace == from.Namespace && spec.PVCName == from.Name &&
		image.DeletionTimestamp == nil && !image.Ready() && !harvesterv1.ConditionIsTrue(conditions, harvesterv1.ImageRetryLimitExceeded)
}

// notCopied keeps a volume until the one that is made of it has its bytes.
func (s site) notCopied(ctx context.Context, r request) error {
	copies, err := s.search(r).Holders(ctx, &cdi.DataVolumeList{}, func(object client.Object) bool {
		volume := object.(*cdi.DataVolume)
		return volume.DeletionTimestamp == nil && !cdi.StateOf(volume).Done && cdi.CopyOf(volume) == client.ObjectKeyFromObject(r.Old)
	})
	if err != nil {
		return fmt.Errorf("look for copies of volume %s: %w", r.Old.Name, err)
	}
	if len(copies) == 0 {
		return nil
	}
	return conflict(r, "volume %s is being copied to volume %s", r.Old.Name, client.ObjectKeyFromObject(copies[0]))
}

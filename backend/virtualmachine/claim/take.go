package claim

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Taker has claims list the machines that use them, and decides which of those that may not use one together runs with it.
//
// A claim on whose list several machines are says which of them has it (annotation taken-by): the one that ran with it
// last, or whoever was alone with it before. Others run with it only while that one does not run and is not to. Then the
// next one takes it, by a claim written only as it was read: of machines that are started in the same moment, one alone
// gets it. Who has a claim writes as well when another is to run meanwhile, and who is not on the list gets onto it before he
// looks at the others, so that neither overlooks the other.
type Taker struct {
	// Client writes the lists, to claims as they were read.
	Client client.Client
	// Live reads the machines as they are now.
	Live client.Reader
}

// List has a claim list a machine. The answer are the rivals, as namespace/name: others on the list that run with the
// volume, or have it and are to, and do not share it with this one. Beside them, one that is to run itself is not listed.
func (t Taker) List(ctx context.Context, vm *kubevirt.VirtualMachine, claim *corev1.PersistentVolumeClaim) ([]string, error) {
	c, err := t.company(ctx, vm, claim)
	if err != nil || len(c.rivals) > 0 && runs(vm) {
		return c.rivals, err
	}
	return c.rivals, t.write(ctx, claim, addOwner(claim.Annotations[harvesterv1.AnnotationOwnedBy], refOf(vm)), holder(claim))
}

// Take gives a claim to a machine that is about to run with it, unless there are rivals.
func (t Taker) Take(ctx context.Context, vm *kubevirt.VirtualMachine, claim *corev1.PersistentVolumeClaim) ([]string, error) {
	if !slices.Contains(Machines(claim), refOf(vm)) {
		if rivals, err := t.List(ctx, vm, claim); err != nil || len(rivals) > 0 {
			return rivals, err
		}
	}
	c, err := t.company(ctx, vm, claim)
	if err != nil || len(c.rivals) > 0 {
		return c.rivals, err
	}
	taken := holder(claim)
	switch holds := c.alone && strings.HasPrefix(taken+" ", refOf(vm)+" "); {
	case c.contested: // unlike anything that was written before, so that who has read the claim meanwhile reads it again
		taken = refOf(vm) + " " + string(uuid.NewUUID())
	case c.alone && !holds:
		taken = refOf(vm)
	}
	return nil, t.write(ctx, claim, claim.Annotations[harvesterv1.AnnotationOwnedBy], taken)
}

// company is who else is on a claim's list.
type company struct {
	// rivals keep a machine from running with the volume, as namespace/name.
	rivals []string
	// contested says that another is to run with it that does not have it.
	contested bool
	// alone says that the machine does not share the volume.
	alone bool
}

func (t Taker) company(ctx context.Context, vm *kubevirt.VirtualMachine, claim *corev1.PersistentVolumeClaim) (company, error) {
	found := company{alone: !Shared(vm, claim.Name, claim)}
	has, _, _ := strings.Cut(holder(claim), " ")
	for _, ref := range Machines(claim) {
		namespace, name, _ := strings.Cut(ref, "/")
		if ref == refOf(vm) || namespace != vm.Namespace {
			continue
		}
		other := &kubevirt.VirtualMachine{}
		err := t.Live.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, other)
		if client.IgnoreNotFound(err) != nil {
			return found, fmt.Errorf("read machine %s, which claim %s lists: %w", ref, claim.Name, err)
		}
		shares := Shared(other, claim.Name, claim)
		switch {
		case err != nil, !runs(other), !slices.Contains(Used(other), claim.Name), shares && !found.alone:
		case other.Status.Created, shares, ref == has:
			found.rivals = append(found.rivals, ref)
		default:
			found.contested = true
		}
	}
	return found, nil
}

// holder is who has a claim, and what makes its taking unlike others: who is alone with it, else what the claim says; ""
// when that one is no longer on the list.
func holder(claim *corev1.PersistentVolumeClaim) string {
	machines := Machines(claim)
	taken := claim.Annotations[harvesterv1.AnnotationTakenBy]
	has, _, _ := strings.Cut(taken, " ")
	switch {
	case slices.Contains(machines, has):
		return taken
	case len(machines) == 1:
		return machines[0]
	}
	return ""
}

// runs says whether a machine runs or is to run.
func runs(vm *kubevirt.VirtualMachine) bool {
	return vm.Status.Created || kubevirt.Coming(vm)
}

// Shared says whether a machine plugs a volume in as one that others may write to as well. present is nil while the
// volume is still to be made.
func Shared(vm *kubevirt.VirtualMachine, name string, present *corev1.PersistentVolumeClaim) bool {
	if vm.Spec.Template == nil || present != nil && !slices.Contains(present.Spec.AccessModes, corev1.ReadWriteMany) {
		return false
	}
	spec := &vm.Spec.Template.Spec
	for _, volume := range spec.Volumes {
		if volume.PersistentVolumeClaim == nil || volume.PersistentVolumeClaim.ClaimName != name {
			continue
		}
		for _, disk := range spec.Domain.Devices.Disks {
			if disk.Name == volume.Name && ptr.Deref(disk.Shareable, false) {
				return true
			}
		}
	}
	return false
}

// write writes who uses a claim and, where several do, who has it. It writes nothing that is written there already, and
// nothing when somebody has changed the claim since.
func (t Taker) write(ctx context.Context, claim *corev1.PersistentVolumeClaim, owners, taken string) error {
	if len(machinesOf(owners)) < 2 {
		taken = ""
	}
	before := claim.DeepCopy()
	for key, text := range map[string]string{harvesterv1.AnnotationOwnedBy: owners, harvesterv1.AnnotationTakenBy: taken} {
		if text == "" {
			delete(claim.Annotations, key)
		} else {
			metav1.SetMetaDataAnnotation(&claim.ObjectMeta, key, text)
		}
	}
	if maps.Equal(before.Annotations, claim.Annotations) {
		return nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := t.Client.Patch(ctx, claim, patch); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("list users of claim %s: %w", claim.Name, err)
	}
	return nil
}

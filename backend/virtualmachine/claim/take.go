package claim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Taker has claims list the machines that use them. A claim's list is what decides between two machines that were made
// with one volume in the same moment, when no webhook could know of both: it is written only as it was read, so of machines
// that are to run, and do not share the volume, one alone gets onto it.
type Taker struct {
	// Client writes the lists, to claims as they were read.
	Client client.Client
	// Live reads the machines as they are now.
	Live client.Reader
}

// Take has a claim list a machine. The answer are the rivals, as namespace/name: others on the list that run, or are to,
// and do not share the volume with this one. Beside them, one that is to run itself is not listed.
func (t Taker) Take(ctx context.Context, vm *kubevirt.VirtualMachine, claim *corev1.PersistentVolumeClaim) ([]string, error) {
	rivals, err := t.rivals(ctx, vm, claim)
	if err != nil || len(rivals) > 0 && runs(vm) {
		return rivals, err
	}
	return rivals, t.list(ctx, claim, addOwner(claim.Annotations[harvesterv1.AnnotationOwnedBy], refOf(vm)))
}

// rivals are the other machines on a claim's list that would write to its volume at the same time.
func (t Taker) rivals(ctx context.Context, vm *kubevirt.VirtualMachine, claim *corev1.PersistentVolumeClaim) ([]string, error) {
	if Shared(vm, claim.Name, claim) {
		return nil, nil
	}
	var rivals []string
	for _, ref := range Machines(claim) {
		namespace, name, _ := strings.Cut(ref, "/")
		if ref == refOf(vm) || namespace != vm.Namespace {
			continue
		}
		other := &kubevirt.VirtualMachine{}
		err := t.Live.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, other)
		if client.IgnoreNotFound(err) != nil {
			return nil, fmt.Errorf("read machine %s, which claim %s lists: %w", ref, claim.Name, err)
		}
		if err == nil && runs(other) && slices.Contains(Used(other), claim.Name) {
			rivals = append(rivals, ref)
		}
	}
	return rivals, nil
}

// runs says whether a machine runs or is to run.
func runs(vm *kubevirt.VirtualMachine) bool {
	return vm.Status.Created || kubevirt.Wanted(vm)
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

// list writes who uses a claim, when it is not written there already, and nothing when somebody has changed the claim since.
func (t Taker) list(ctx context.Context, claim *corev1.PersistentVolumeClaim, owners string) error {
	if claim.Annotations[harvesterv1.AnnotationOwnedBy] == owners {
		return nil
	}
	before := claim.DeepCopy()
	if claim.Annotations == nil {
		claim.Annotations = map[string]string{}
	}
	claim.Annotations[harvesterv1.AnnotationOwnedBy] = owners
	if owners == "" {
		delete(claim.Annotations, harvesterv1.AnnotationOwnedBy)
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := t.Client.Patch(ctx, claim, patch); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("list users of claim %s: %w", claim.Name, err)
	}
	return nil
}

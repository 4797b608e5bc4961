package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/pkg/admission"
	"crofthci.io/croft/pkg/kubevirt"
)

// InstancePath is where the webhook of runs is served.
//
// Two machines that are made in the same moment with one volume or one hardware address both pass the webhook of machines:
// neither is there for the other to be seen. Both are there when they are to run, so what each needs alone is decided then:
// the later one has no run, and KubeVirt says on the machine why. So it is with machines that were off and are started at once.
const InstancePath = "/validate/virtualmachineinstances"

type (
	instance = kubevirt.VirtualMachineInstance
	run      = admission.Request[*instance]
)

// crowded is how often and how soon a claim is looked at again that others are being listed on at the same moment. All of
// it takes less time than the API server gives a webhook.
var crowded = wait.Backoff{Steps: 14, Duration: 20 * time.Millisecond, Factor: 1.3, Jitter: 0.5}

// runChecks are what is asked before a machine runs, and before a disk is plugged into one that does.
func (s site) runChecks() []admission.Check[*instance] {
	return []admission.Check[*instance]{s.volumesAlone, s.addressesAlone}
}

// volumesAlone lists the machine on the claims that it is to run with, and refuses those that others run with.
func (s site) volumesAlone(ctx context.Context, r run) error {
	vm, err := s.machineOf(ctx, r)
	if err != nil || vm == nil {
		return err
	}
	wanted := claimsOf(r.Object)
	if r.Old != nil {
		before := claimsOf(r.Old)
		wanted = slices.DeleteFunc(wanted, func(name string) bool { return slices.Contains(before, name) })
	}
	taker := claim.Taker{Client: s.reader, Live: s.direct}
	if r.DryRun {
		taker.Client = client.NewDryRunClient(s.reader)
	}
	slices.Sort(wanted) // in one order for all, so that no two machines wait for each other, each with a volume of the two
	for _, name := range wanted {
		rivals, err := s.take(ctx, taker, vm, name)
		if err != nil {
			return err
		}
		if len(rivals) > 0 {
			return refuseRun(r, "volume %s is used by %s, which runs or is to run: machine %s does not start beside it",
				name, strings.Join(rivals, ", "), vm.Name)
		}
	}
	return nil
}

// take lists the machine on one claim as it is now. Where somebody else has changed the claim meanwhile, it looks again.
func (s site) take(ctx context.Context, taker claim.Taker, vm *machine, name string) ([]string, error) {
	var rivals []string
	err := retry.RetryOnConflict(crowded, func() error {
		present := &corev1.PersistentVolumeClaim{}
		err := s.direct.Get(ctx, types.NamespacedName{Namespace: vm.Namespace, Name: name}, present)
		if apierrors.IsNotFound(err) {
			return nil // KubeVirt waits for it, and asks again
		}
		if err != nil {
			return fmt.Errorf("read volume %s: %w", name, err)
		}
		rivals, err = taker.Take(ctx, vm, present)
		return err
	})
	return rivals, err
}

// addressesAlone refuses a run whose card has the address of another machine's on the same network, when that one runs, or
// was made before and is to run: of several that were made at once, the first runs. Machines are looked for where they are
// remembered, which by now is all that were made in that moment.
func (s site) addressesAlone(ctx context.Context, r run) error {
	if r.Old != nil {
		return nil
	}
	vm, err := s.machineOf(ctx, r)
	if err != nil || vm == nil {
		return err
	}
	for _, ours := range cardsOf(vm) {
		neighbours, err := s.neighbours(ctx, ours)
		if err != nil {
			return err
		}
		for _, other := range neighbours {
			meets, err := s.meets(ctx, ours, other)
			if err != nil {
				return err
			}
			if meets && other.UID != vm.UID && goesFirst(other, vm) {
				return refuseRun(r, "%s, which goes before machine %s, has the hardware address %s on network %s",
					whoseIn(vm.Namespace, other), vm.Name, ours.address, ours.network)
			}
		}
	}
	return nil
}

// goesFirst says whether another machine runs, or is to and was made earlier: of two that were made in one second, one.
func goesFirst(other, vm *machine) bool {
	if other.Status.Created {
		return true
	}
	if !kubevirt.Coming(other) || other.DeletionTimestamp != nil {
		return false
	}
	if made := other.CreationTimestamp; !made.Equal(&vm.CreationTimestamp) {
		return made.Before(&vm.CreationTimestamp)
	}
	return other.UID < vm.UID
}

// whoseIn names a machine to those of its namespace. Others need not know of it.
func whoseIn(namespace string, vm *machine) string {
	if vm.Namespace != namespace {
		return "another virtual machine"
	}
	return "virtual machine " + vm.Namespace + "/" + vm.Name
}

// machineOf is the machine that a run is of; nil for one that is nobody's, which KubeVirt's users answer for themselves.
func (s site) machineOf(ctx context.Context, r run) (*machine, error) {
	owner := metav1.GetControllerOf(r.Object)
	if owner == nil || owner.Kind != machineKind.Kind {
		return nil, nil
	}
	vm := &machine{}
	err := s.direct.Get(ctx, types.NamespacedName{Namespace: r.Object.Namespace, Name: owner.Name}, vm)
	if apierrors.IsNotFound(err) || err == nil && vm.UID != owner.UID {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read machine %s: %w", owner.Name, err)
	}
	return vm, nil
}

// claimsOf are the claims that a run's volumes stand on.
func claimsOf(vmi *instance) []string {
	return claim.Used(&machine{Spec: kubevirt.VirtualMachineSpec{Template: &kubevirt.VirtualMachineInstanceTemplateSpec{Spec: vmi.Spec}}})
}

func refuseRun(r run, format string, args ...any) error {
	return admission.Conflict(kubevirt.VirtualMachineInstances.GroupResource(), r.Object.Name, format, args...)
}

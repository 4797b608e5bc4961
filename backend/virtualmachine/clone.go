package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/backend/virtualmachine/twin"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
)

// CloneInput says which machine is to be made.
type CloneInput struct {
	// TargetVM is the name of the new machine, in the namespace of this one.
	TargetVM string `json:"targetVm"`
	// RunStrategy is when KubeVirt keeps the new machine running: Always, Halted, Manual, Once or RerunOnFailure. Left
	// out, it is this machine's.
	RunStrategy kubevirt.RunStrategy `json:"runStrategy,omitempty"`
}

// strategies are the run strategies that somebody may ask for.
var strategies = []kubevirt.RunStrategy{
	kubevirt.RunStrategyAlways, kubevirt.RunStrategyHalted, kubevirt.RunStrategyManual, kubevirt.RunStrategyOnce,
	kubevirt.RunStrategyRerunOnFailure,
}

func unlessClonable(m Machine) string {
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case moving(m):
		return isMoving
	default:
		return twin.Unless(m.VM)
	}
}

// clone makes a twin of a machine. The claim controller makes its volumes as copies of this one's, when it sees it.
func clone(ctx context.Context, caller capability.Caller, m Machine, input CloneInput) error {
	if err := unlessWished(input); err != nil {
		return err
	}
	if err := unlessTaken(ctx, caller.Client, m.VM.Namespace, input.TargetVM); err != nil {
		return err
	}
	claims, err := sources(ctx, caller.Client, m.VM)
	if err != nil {
		return err
	}
	two, err := twin.Of(m.VM, claims, twin.Wish{
		Name: input.TargetVM, RunStrategy: input.RunStrategy, Suffix: func() string { return rand.String(suffixLength) },
	})
	if err != nil {
		return err
	}
	if len(two.Secrets) == 0 {
		return caller.Client.Create(ctx, two.Machine)
	}
	return cloneWithSecrets(ctx, caller.Client, two)
}

// suffixLength is how many letters tell the volumes of one clone from those of another of the same name before it.
const suffixLength = 5

// unlessWished refuses a wish that no machine could be made of.
func unlessWished(input CloneInput) error {
	if input.TargetVM == "" {
		return capability.Refuse("targetVm", "targetVm is missing: the new machine needs a name.")
	}
	for _, problem := range validation.IsDNS1123Label(input.TargetVM) {
		return capability.Refuse("targetVm", "%s cannot be the name of a machine: %s.", input.TargetVM, problem)
	}
	if input.RunStrategy != "" && !slices.Contains(strategies, input.RunStrategy) {
		return capability.Refuse("runStrategy", "There is no run strategy %s. There is: %v.", input.RunStrategy, strategies)
	}
	return nil
}

// unlessTaken refuses the name of a machine that there is.
func unlessTaken(ctx context.Context, caller client.Reader, namespace, name string) error {
	err := caller.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &kubevirt.VirtualMachine{})
	if err == nil {
		return capability.Refuse("targetVm", "There is already a machine %s in namespace %s.", name, namespace)
	}
	return client.IgnoreNotFound(err)
}

// sources are the claims that a machine's volumes stand on, by name, when all of them can be copied now.
func sources(ctx context.Context, caller client.Reader, vm *kubevirt.VirtualMachine) (map[string]*corev1.PersistentVolumeClaim, error) {
	claims := map[string]*corev1.PersistentVolumeClaim{}
	for _, name := range claim.Used(vm) {
		present := &corev1.PersistentVolumeClaim{}
		err := caller.Get(ctx, client.ObjectKey{Namespace: vm.Namespace, Name: name}, present)
		if apierrors.IsNotFound(err) {
			return nil, refusal("Volume %s of the machine does not exist yet, so it cannot be copied.", name)
		}
		if err != nil {
			return nil, err
		}
		if sentence := unlessCopyable(present); sentence != "" {
			return nil, refusal("%s", sentence)
		}
		claims[name] = present
	}
	return claims, nil
}

// unlessCopyable says why a claim cannot be copied now, "" when it can.
func unlessCopyable(present *corev1.PersistentVolumeClaim) string {
	switch {
	case present.DeletionTimestamp != nil:
		return fmt.Sprintf("Volume %s is being deleted, so it cannot be copied.", present.Name)
	case present.Status.Phase != corev1.ClaimBound:
		return fmt.Sprintf("Volume %s has no storage yet (it is %s), so it cannot be copied.", present.Name, present.Status.Phase)
	case cdi.Filling(present):
		return fmt.Sprintf("Volume %s is still being filled, so it cannot be copied.", present.Name)
	default:
		return ""
	}
}

// cloneWithSecrets makes a twin that is set up from secrets. They belong to it, so it is made first, and it stays off
// until they are there: a guest is set up when it starts for the first time.
func cloneWithSecrets(ctx context.Context, caller client.Client, two twin.Twin) error {
	wanted := *two.Machine.Spec.RunStrategy
	halted := kubevirt.RunStrategyHalted
	two.Machine.Spec.RunStrategy = &halted
	copies, err := secretsOf(ctx, caller, two)
	if err != nil {
		return err
	}
	if err := caller.Create(ctx, two.Machine); err != nil {
		return err
	}
	err = finish(ctx, caller, two.Machine, copies, wanted)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetLimit)
	defer cancel()
	return errors.Join(err, undo(ctx, caller, two.Machine))
}

// secretsOf are the copies of the secrets of a twin.
func secretsOf(ctx context.Context, caller client.Reader, two twin.Twin) ([]*corev1.Secret, error) {
	var copies []*corev1.Secret
	for from, to := range two.Secrets {
		original := &corev1.Secret{}
		err := caller.Get(ctx, client.ObjectKey{Namespace: two.Machine.Namespace, Name: from}, original)
		if apierrors.IsNotFound(err) {
			return nil, refusal("Secret %s, which the machine is set up from, does not exist, so it cannot be copied.", from)
		}
		if err != nil {
			return nil, err
		}
		secret := &corev1.Secret{Type: original.Type, Data: original.Data}
		secret.Namespace, secret.Name, secret.Labels = original.Namespace, to, original.Labels
		copies = append(copies, secret)
	}
	return copies, nil
}

// finish gives a twin its secrets and lets it run.
func finish(
	ctx context.Context, caller client.Client, vm *kubevirt.VirtualMachine, copies []*corev1.Secret, wanted kubevirt.RunStrategy,
) error {
	for _, secret := range copies {
		secret.OwnerReferences = ownedBy(vm)
		if err := caller.Create(ctx, secret); err != nil {
			return err
		}
	}
	if wanted == kubevirt.RunStrategyHalted {
		return nil
	}
	return setStrategy(ctx, caller, vm, wanted, nil)
}

// undo takes back a twin that could not be finished, with the volumes that may have been made for it.
func undo(ctx context.Context, caller client.Client, vm *kubevirt.VirtualMachine) error {
	err := choose(ctx, caller, vm, claim.Used(vm))
	return errors.Join(client.IgnoreNotFound(err), client.IgnoreNotFound(caller.Delete(ctx, vm)))
}

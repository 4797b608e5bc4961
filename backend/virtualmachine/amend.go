package virtualmachine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// step is one step of a JSON patch. Lists are changed entry by entry: a machine may have fields in them that this
// program does not know of.
type step struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// Where a machine's hardware stands, as JSON pointers.
const (
	atVolumes    = "/spec/template/spec/volumes"
	atNetworks   = "/spec/template/spec/networks"
	atInterfaces = "/spec/template/spec/domain/devices/interfaces"
	atProcessor  = "/spec/template/spec/domain/cpu"
	atMemory     = "/spec/template/spec/domain/memory"
)

// amend changes what a machine declares, as the caller. What is to be done is asked anew when somebody else has changed
// the machine meanwhile, as KubeVirt does with the status of one that runs.
func amend(
	ctx context.Context, caller client.Client, m Machine, change func(vm *kubevirt.VirtualMachine) ([]step, error),
) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		vm := &kubevirt.VirtualMachine{}
		if err := caller.Get(ctx, m.key(), vm); err != nil {
			return err
		}
		if vm.UID != m.VM.UID {
			return apierrors.NewNotFound(kubevirt.VirtualMachines.GroupResource(), m.VM.Name) // another of its name
		}
		steps, err := change(vm)
		if err != nil || len(steps) == 0 {
			return err
		}
		// A patch that says the version is refused with a conflict when there is another.
		steps = append(steps, step{Op: "replace", Path: "/metadata/resourceVersion", Value: vm.ResourceVersion})
		body, err := json.Marshal(steps)
		if err != nil {
			return fmt.Errorf("write the change of machine %s: %w", m.key(), err)
		}
		err = caller.Patch(ctx, vm.DeepCopy(), client.RawPatch(types.JSONPatchType, body))
		if unfitting(err) && changedAnyway(ctx, caller, vm) {
			return apierrors.NewConflict(kubevirt.VirtualMachines.GroupResource(), vm.Name, err)
		}
		return err
	})
}

// unfitting says whether a patch was refused for not fitting on the object, rather than for a wrong field: an entry of a
// list that is to go is gone, say, which is found before the version is compared.
func unfitting(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && apierrors.IsInvalid(err) && (status.Status().Details == nil || len(status.Status().Details.Causes) == 0)
}

// changedAnyway says whether a machine is another than it was when it was read.
func changedAnyway(ctx context.Context, caller client.Reader, vm *kubevirt.VirtualMachine) bool {
	now := &kubevirt.VirtualMachine{}
	err := caller.Get(ctx, client.ObjectKeyFromObject(vm), now)
	return err == nil && now.ResourceVersion != vm.ResourceVersion
}

// appended adds a value to a list of a length, which may not be there yet.
func appended(at string, length int, value any) step {
	if length == 0 {
		return step{Op: "add", Path: at, Value: []any{value}}
	}
	return step{Op: "add", Path: at + "/-", Value: value}
}

// entry is the path of a list's entry, or of a field in it.
func entry(at string, i int, field string) string {
	if field == "" {
		return fmt.Sprintf("%s/%d", at, i)
	}
	return fmt.Sprintf("%s/%d/%s", at, i, field)
}

// listing has a machine's claim templates be another text.
func listing(vm *kubevirt.VirtualMachine, text string) []step {
	path := "/metadata/annotations/" + pointer(harvesterv1.AnnotationVolumeClaimTemplates)
	if vm.Annotations == nil {
		return []step{{Op: "add", Path: "/metadata/annotations", Value: map[string]string{
			harvesterv1.AnnotationVolumeClaimTemplates: text,
		}}}
	}
	return []step{{Op: "add", Path: path, Value: text}}
}

// hardware is what a machine declares of its hardware; nothing when it declares nothing.
func hardware(vm *kubevirt.VirtualMachine) kubevirt.VirtualMachineInstanceSpec {
	if vm.Spec.Template == nil {
		return kubevirt.VirtualMachineInstanceSpec{}
	}
	return vm.Spec.Template.Spec
}

// unlessChangeable refuses to change the hardware of a machine that is on its way from one state to another.
func unlessChangeable(m Machine) string {
	switch {
	case word(m) == kubevirt.StatusTerminating:
		return beingDeleted
	case word(m) == kubevirt.StatusStopping:
		return isStopping
	case active(m) && !running(m):
		return "The machine is starting."
	case word(m) == kubevirt.StatusMigrating || m.Migration != nil:
		return isMigrating
	case moving(m):
		return isMoving
	case m.VM.Status.SnapshotInProgress != nil:
		return isCopied
	default:
		return ""
	}
}

package virtualmachine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// start switches a machine on. One that was stopped here goes back to the run strategy that it had; KubeVirt itself
// would make it Always.
func start(ctx context.Context, caller capability.Caller, m Machine) error {
	strategy := restored(m.VM)
	if strategy == "" {
		return kubevirt.Start(ctx, caller.Config, m.key(), nil)
	}
	if err := ended(ctx, caller.Client, m.VM); err != nil {
		return err
	}
	err := setStrategy(ctx, caller.Client, m.VM, strategy, nil)
	if apierrors.IsForbidden(err) {
		return kubevirt.Start(ctx, caller.Config, m.key(), nil)
	}
	if err == nil && strategy == kubevirt.RunStrategyManual {
		return kubevirt.Start(ctx, caller.Config, m.key(), nil)
	}
	return err
}

// The end of a machine's last run reaches KubeVirt's controller a moment after everybody else.
const (
	endLook = 100 * time.Millisecond
	endWait = 5 * time.Second
)

// ended waits until KubeVirt knows that the last run of a halted machine is over: what is started before stays off.
func ended(ctx context.Context, caller client.Reader, vm *kubevirt.VirtualMachine) error {
	now := vm
	err := wait.PollUntilContextTimeout(ctx, endLook, endWait, true, func(ctx context.Context) (bool, error) {
		if kubevirt.Ended(now) {
			return true, nil
		}
		now = &kubevirt.VirtualMachine{}
		return false, caller.Get(ctx, client.ObjectKeyFromObject(vm), now)
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return refusal("The machine is still stopping.")
	}
	return err
}

// restored is the run strategy that a stopped machine goes back to, "" when KubeVirt is to choose.
func restored(vm *kubevirt.VirtualMachine) kubevirt.RunStrategy {
	remembered := kubevirt.RunStrategy(vm.Annotations[harvesterv1.AnnotationRunStrategy])
	known := []kubevirt.RunStrategy{
		kubevirt.RunStrategyAlways, kubevirt.RunStrategyRerunOnFailure,
		kubevirt.RunStrategyManual, kubevirt.RunStrategyOnce,
	}
	if vm.Spec.RunStrategy == nil || *vm.Spec.RunStrategy != kubevirt.RunStrategyHalted || !slices.Contains(known, remembered) {
		return ""
	}
	return remembered
}

// stop switches a machine off for good: its run strategy becomes Halted, and the one it had is remembered. A caller who
// may stop a machine but not change it gets what KubeVirt does for such a caller: the machine stops, and KubeVirt keeps
// the strategy where it can.
func stop(ctx context.Context, caller capability.Caller, m Machine) error {
	strategy := m.VM.Spec.RunStrategy
	if strategy == nil || *strategy == kubevirt.RunStrategyHalted {
		return kubevirt.Stop(ctx, caller.Config, m.key(), nil)
	}
	err := setStrategy(ctx, caller.Client, m.VM, kubevirt.RunStrategyHalted, strategy)
	if apierrors.IsForbidden(err) {
		return kubevirt.Stop(ctx, caller.Config, m.key(), nil)
	}
	return err
}

// setStrategy changes the run strategy of a machine as the caller, unless somebody else has changed it since, and
// remembers another one when it is told to.
func setStrategy(
	ctx context.Context, caller client.Client, vm *kubevirt.VirtualMachine, to kubevirt.RunStrategy, remember *kubevirt.RunStrategy,
) error {
	patch := []map[string]any{
		{"op": "test", "path": "/spec/runStrategy", "value": vm.Spec.RunStrategy},
		{"op": "replace", "path": "/spec/runStrategy", "value": to},
	}
	if remember != nil {
		if vm.Annotations == nil {
			patch = append(patch, map[string]any{"op": "add", "path": "/metadata/annotations", "value": map[string]string{}})
		}
		patch = append(patch, map[string]any{
			"op": "add", "path": "/metadata/annotations/" + pointer(harvesterv1.AnnotationRunStrategy), "value": remember,
		})
	}
	body, err := json.Marshal(patch)
	if err != nil {
		return fmt.Errorf("write the run strategy %s: %w", to, err)
	}
	err = caller.Patch(ctx, vm.DeepCopy(), client.RawPatch(types.JSONPatchType, body))
	if apierrors.IsInvalid(err) && overtaken(ctx, caller, vm) {
		return refusal("Somebody else has switched the machine at the same moment. Look at it again.")
	}
	return err
}

// pointer is a key as a JSON pointer spells it.
func pointer(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// overtaken says whether somebody else has changed the run strategy since the machine was read. The API server answers
// a failed test of a patch as it answers a wrong field.
func overtaken(ctx context.Context, caller client.Reader, vm *kubevirt.VirtualMachine) bool {
	now := &kubevirt.VirtualMachine{}
	if err := caller.Get(ctx, client.ObjectKeyFromObject(vm), now); err != nil {
		return false
	}
	return !ptr.Equal(now.Spec.RunStrategy, vm.Spec.RunStrategy)
}

// forceStop cuts the grace period of a stop that is under way.
func forceStop(ctx context.Context, caller capability.Caller, m Machine) error {
	return kubevirt.Stop(ctx, caller.Config, m.key(), &kubevirt.StopOptions{GracePeriod: ptr.To(int64(0))})
}

func restart(ctx context.Context, caller capability.Caller, m Machine) error {
	return kubevirt.Restart(ctx, caller.Config, m.key(), nil)
}

func softReboot(ctx context.Context, caller capability.Caller, m Machine) error {
	return kubevirt.SoftReboot(ctx, caller.Config, m.key())
}

func pause(ctx context.Context, caller capability.Caller, m Machine) error {
	return kubevirt.Pause(ctx, caller.Config, m.key(), nil)
}

func unpause(ctx context.Context, caller capability.Caller, m Machine) error {
	return kubevirt.Unpause(ctx, caller.Config, m.key(), nil)
}

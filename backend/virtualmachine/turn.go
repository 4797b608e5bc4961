package virtualmachine

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// turns is how often a change of a machine's disks is tried while others change them.
const turns = 5

// inTurn has KubeVirt change the disks of a machine, and again when somebody else has changed them at the same moment:
// KubeVirt answers then as it answers a wrong order. Whether it can be done is asked before each turn, of the machine as
// it is then.
func inTurn(
	ctx context.Context, caller client.Reader, m Machine, unless func(vm *kubevirt.VirtualMachine) error, change func() error,
) error {
	for range turns {
		before, err := again(ctx, caller, m)
		if err != nil {
			return err
		}
		if err := unless(before.VM); err != nil {
			return err
		}
		failed := change()
		if !apierrors.IsInvalid(failed) && !apierrors.IsConflict(failed) {
			return failed
		}
		after, err := again(ctx, caller, m)
		if err != nil {
			return err
		}
		if sameDisks(before.VM, after.VM) {
			return failed
		}
	}
	return refusal("Others are changing the machine's disks at the same moment. Look at it again.")
}

// sameDisks says whether a machine has the disks that it had, and none on their way.
func sameDisks(before, after *kubevirt.VirtualMachine) bool {
	was, is := hardware(before), hardware(after)
	return equality.Semantic.DeepEqual(was.Volumes, is.Volumes) &&
		equality.Semantic.DeepEqual(was.Domain.Devices.Disks, is.Domain.Devices.Disks) &&
		equality.Semantic.DeepEqual(before.Status.VolumeRequests, after.Status.VolumeRequests)
}

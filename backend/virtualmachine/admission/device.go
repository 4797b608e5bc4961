package admission

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"crofthci.io/croft/pkg/kubevirt"
)

// devicesPermitted asks whether KubeVirt may give the machine the devices of nodes that it newly asks for. KubeVirt takes
// such a machine, and says only when it is to run that its configuration does not list a device. Where it lists none at
// all, every device is permitted, and the scheduler looks for a node that has it.
func (s site) devicesPermitted(ctx context.Context, r request) error {
	wanted := wantedDevices(r)
	if len(wanted) == 0 {
		return nil
	}
	installations := &kubevirt.KubeVirtList{}
	if err := s.direct.List(ctx, installations); err != nil {
		return fmt.Errorf("read which devices KubeVirt may give away: %w", err)
	}
	for i := range installations.Items {
		permitted, listed := kubevirt.PermittedDevices(&installations.Items[i])
		if !listed {
			continue
		}
		for _, device := range wanted {
			if !slices.Contains(permitted, device.name) {
				return invalid(r, field.NotSupported(device.at, device.name, permitted))
			}
		}
	}
	return nil
}

// device is a kind of device that a machine asks for, and where it does.
type device struct {
	at   *field.Path
	name string
}

// wantedDevices are the devices that a machine did not have before.
func wantedDevices(r request) []device {
	before := devicesOf(r.Old)
	return slices.DeleteFunc(devicesOf(r.Object), func(d device) bool {
		return slices.ContainsFunc(before, func(old device) bool { return old.name == d.name })
	})
}

// devicesOf are the devices of a machine that go by a name. One that is claimed dynamically has none.
func devicesOf(vm *machine) []device {
	if vm == nil || vm.Spec.Template == nil {
		return nil
	}
	var devices []device
	for i, each := range vm.Spec.Template.Spec.Domain.Devices.HostDevices {
		devices = append(devices, device{devicesPath.Child("hostDevices").Index(i).Child("deviceName"), each.DeviceName})
	}
	for i, each := range vm.Spec.Template.Spec.Domain.Devices.GPUs {
		devices = append(devices, device{devicesPath.Child("gpus").Index(i).Child("deviceName"), each.DeviceName})
	}
	return slices.DeleteFunc(devices, func(d device) bool { return d.name == "" })
}

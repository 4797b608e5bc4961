package handler

import (
	"context"
	"errors"
	"fmt"
	"slices"

	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

// hotplug moves the volumes that come and go while the machine runs through
// their phases. It answers true when there is more to do soon.
func (h *handler) hotplug(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, dom domain) (bool, error) {
	more := false
	for i := range vmi.Status.VolumeStatus {
		v := &vmi.Status.VolumeStatus[i]
		if v.HotplugVolume == nil {
			continue
		}
		wanted := slices.IndexFunc(vmi.Spec.Volumes, func(s kubevirtv1.Volume) bool { return s.Name == v.Name })
		var (
			moved bool
			err   error
		)
		if wanted >= 0 {
			moved, err = h.plug(ctx, vmi, &vmi.Spec.Volumes[wanted], v, dom)
		} else {
			moved, err = unplug(ctx, v, dom)
		}
		if err != nil {
			return false, fmt.Errorf("hotplug volume %s: %w", v.Name, err)
		}
		more = more || moved
	}
	return more, nil
}

// plug takes the next step of a volume on its way into the machine.
func (h *handler) plug(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, volume *kubevirtv1.Volume, v *kubevirtv1.VolumeStatus, dom domain) (bool, error) {
	switch v.Phase {
	case kubevirtv1.HotplugVolumeAttachedToNode:
		v.Phase, v.Reason = kubevirtv1.HotplugVolumeMounted, "VolumeMountedToPod"
		v.Message = fmt.Sprintf("Volume %s has been mounted in virt-launcher pod", v.Name)
		return true, nil
	case kubevirtv1.HotplugVolumeMounted:
		if err := h.plugDisk(ctx, vmi, volume, dom); errors.Is(err, errVolumeWaits) {
			return true, nil
		} else if err != nil {
			return false, err
		}
		v.Phase, v.Reason = kubevirtv1.VolumeReady, "VolumeReady"
		v.Message = fmt.Sprintf("Successfully attach hotplugged volume %s to VM", v.Name)
		v.Target = targets(vmi)[v.Name]
		return false, nil
	default:
		return false, nil // virt-controller's turn
	}
}

func (h *handler) plugDisk(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, volume *kubevirtv1.Volume, dom domain) error {
	file, err := h.openVolume(ctx, vmi, volume)
	if err != nil || file == "" {
		return err
	}
	d := guest.Disk{Name: volume.Name, File: file}
	for _, spec := range vmi.Spec.Domain.Devices.Disks {
		if spec.Name == volume.Name {
			d.Serial, d.CDROM = spec.Serial, spec.CDRom != nil
		}
	}
	return dom.plug(ctx, d)
}

// unplug takes a volume out that is no longer in the spec.
func unplug(ctx context.Context, v *kubevirtv1.VolumeStatus, dom domain) (bool, error) {
	switch v.Phase {
	case kubevirtv1.VolumeReady, kubevirtv1.HotplugVolumeMounted, kubevirtv1.HotplugVolumeAttachedToNode:
		if err := dom.unplug(ctx, v.Name); err != nil {
			return false, err
		}
		v.Phase, v.Reason, v.Target = kubevirtv1.HotplugVolumeUnMounted, "VolumeUnMountedFromPod", ""
		v.Message = fmt.Sprintf("Volume %s has been unmounted from virt-launcher pod", v.Name)
		return true, nil
	default:
		return false, nil
	}
}

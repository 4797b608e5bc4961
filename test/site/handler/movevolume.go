package handler

import (
	"context"
	"errors"
	"fmt"

	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
	"crofthci.io/croft/test/site/storage"
)

// volumesMove says whether a machine's volumes go with it to other claims.
func volumesMove(vmi *kubevirtv1.VirtualMachineInstance) bool {
	return len(vmi.Status.MigratedVolumes) > 0
}

// moved is the hardware of a target whose volumes are on the claims that they are moved to.
func (h *handler) moved(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, m guest.Machine) (guest.Machine, error) {
	for _, v := range vmi.Status.MigratedVolumes {
		if v.DestinationPVCInfo == nil {
			return m, fmt.Errorf("volume %s: it is not said where it goes", v.VolumeName)
		}
		file, err := h.claimPath(ctx, vmi.Namespace, v.DestinationPVCInfo.ClaimName)
		if err != nil {
			return m, fmt.Errorf("volume %s: %w", v.VolumeName, err)
		}
		for i := range m.Disks {
			if m.Disks[i].Name == v.VolumeName {
				m.Disks[i].File = file
			}
		}
	}
	return m, nil
}

// carry copies the bytes of a machine's volumes to the claims that they are moved to. Nobody may write to them
// meanwhile. Real nodes copy while the guest writes, and stop it for the rest; this one stops it for all of it.
func (h *handler) carry(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) error {
	for _, v := range vmi.Status.MigratedVolumes {
		if v.SourcePVCInfo == nil || v.DestinationPVCInfo == nil {
			return fmt.Errorf("volume %s: it is not said from where it goes where", v.VolumeName)
		}
		from, err := h.claimPath(ctx, vmi.Namespace, v.SourcePVCInfo.ClaimName)
		if err != nil {
			return err
		}
		to, err := h.claimPath(ctx, vmi.Namespace, v.DestinationPVCInfo.ClaimName)
		if err != nil {
			return err
		}
		if from == "" || to == "" {
			return errors.New("volume " + v.VolumeName + " has no bytes here")
		}
		if err := storage.Copy(ctx, to, from); err != nil {
			return err
		}
	}
	return nil
}

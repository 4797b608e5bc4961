package handler

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/guest"
)

// Simulated on a machine keeps it a state, whatever its disks hold.
const Simulated = "site.crofthci.io/simulated"

// errVolumeWaits says that a volume is not there yet; the machine waits.
var errVolumeWaits = errors.New("volume is not bound yet")

// open finds the bytes of a machine's volumes, and makes those that live as
// long as the machine.
func (h *handler) open(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) (sources, error) {
	files := sources{}
	for i := range vmi.Spec.Volumes {
		v := &vmi.Spec.Volumes[i]
		file, err := h.openVolume(ctx, vmi, v)
		if err != nil {
			return nil, fmt.Errorf("volume %s: %w", v.Name, err)
		}
		if file != "" {
			files[v.Name] = file
		}
	}
	return files, nil
}

func (h *handler) openVolume(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, v *kubevirtv1.Volume) (string, error) {
	own := filepath.Join(h.site.GuestDir(vmi.UID), "volume-"+v.Name+".img")
	switch {
	case v.PersistentVolumeClaim != nil:
		return h.claimPath(ctx, vmi.Namespace, v.PersistentVolumeClaim.ClaimName)
	case v.DataVolume != nil:
		return h.claimPath(ctx, vmi.Namespace, v.DataVolume.Name)
	case v.CloudInitNoCloud != nil, v.CloudInitConfigDrive != nil:
		return own, nil // written by writeCloudInit
	case v.Sysprep != nil:
		return own, nil // written by writeSysprep
	case v.EmptyDisk != nil:
		return own, sparse(own, v.EmptyDisk.Capacity.Value())
	default:
		return "", nil
	}
}

// claimPath is the file behind a claim.
func (h *handler) claimPath(ctx context.Context, namespace, name string) (string, error) {
	claim := &corev1.PersistentVolumeClaim{}
	if err := h.site.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, claim); err != nil {
		return "", err
	}
	if claim.Spec.VolumeName == "" {
		return "", fmt.Errorf("claim %s: %w", name, errVolumeWaits)
	}
	volume := &corev1.PersistentVolume{}
	if err := h.site.Client.Get(ctx, client.ObjectKey{Name: claim.Spec.VolumeName}, volume); err != nil {
		return "", err
	}
	if volume.Spec.CSI == nil {
		return "", nil
	}
	return h.site.VolumePath(volume.Spec.CSI.VolumeHandle), nil
}

func sparse(path string, size int64) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Close())
}

// bootable says whether one of a machine's drives holds what a firmware starts.
func bootable(vmi *kubevirtv1.VirtualMachineInstance, files sources) bool {
	if vmi.Annotations[Simulated] == "true" {
		return false
	}
	for _, d := range vmi.Spec.Domain.Devices.Disks {
		if file := files[d.Name]; file != "" && guest.Bootable(file) {
			return true
		}
	}
	return false
}

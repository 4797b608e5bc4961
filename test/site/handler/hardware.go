package handler

import (
	"net/netip"

	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

// defaultMemory is what a machine gets that asks for none.
const defaultMemory = 64 << 20

// sources are where the bytes of a machine's volumes lie, by volume name. A
// volume that is missing here has nothing that a guest could read.
type sources map[string]string

// host is what the place that a machine runs in decides.
type host struct {
	accel    string
	address  netip.Addr
	lowPorts bool
	// dir is the machine's own folder, for its firmware variables and its log.
	dir string
}

// hardware is the machine of a VirtualMachineInstance, for QEMU.
func hardware(vmi *kubevirtv1.VirtualMachineInstance, files sources, h host) guest.Machine {
	sockets, cores, threads := topology(vmi)
	m := guest.Machine{
		Name:    vmi.Namespace + "/" + vmi.Name,
		Accel:   h.accel,
		Sockets: int(sockets), Cores: int(cores), Threads: int(threads),
		Memory:    memory(vmi),
		Disks:     disks(vmi, files),
		NICs:      nics(vmi, h),
		SerialLog: h.dir + "/" + serialFile,
		Video:     vmi.Spec.Domain.Devices.AutoattachGraphicsDevice == nil || *vmi.Spec.Domain.Devices.AutoattachGraphicsDevice,
		Firmware:  firmware(vmi, h.dir),
	}
	if f := vmi.Spec.Domain.Firmware; f != nil {
		m.UUID, m.Serial = string(f.UUID), f.Serial
	}
	return m
}

// topology is sockets, cores and threads, each at least 1.
func topology(vmi *kubevirtv1.VirtualMachineInstance) (sockets, cores, threads uint32) {
	c := vmi.Spec.Domain.CPU
	if c == nil {
		c = &kubevirtv1.CPU{}
		if cpus := vmi.Spec.Domain.Resources.Requests.Cpu().Value(); cpus > 0 {
			c.Sockets = uint32(min(cpus, 64))
		}
	}
	return max(c.Sockets, 1), max(c.Cores, 1), max(c.Threads, 1)
}

// memory in bytes, as KubeVirt reads it: the guest's own, hugepages or not, or
// what the machine requests of its node.
func memory(vmi *kubevirtv1.VirtualMachineInstance) int64 {
	if m := vmi.Spec.Domain.Memory; m != nil && m.Guest != nil {
		return m.Guest.Value()
	}
	if m := vmi.Spec.Domain.Resources.Requests.Memory().Value(); m > 0 {
		return m
	}
	if m := vmi.Spec.Domain.Resources.Limits.Memory().Value(); m > 0 {
		return m
	}
	return defaultMemory
}

func firmware(vmi *kubevirtv1.VirtualMachineInstance, dir string) *guest.Firmware {
	f := vmi.Spec.Domain.Firmware
	if f == nil || f.Bootloader == nil || f.Bootloader.EFI == nil {
		return nil
	}
	secure := f.Bootloader.EFI.SecureBoot == nil || *f.Bootloader.EFI.SecureBoot
	code := ovmfCode
	if secure {
		code = ovmfSecureCode
	}
	return &guest.Firmware{Code: code, Vars: dir + "/efivars.fd", Secure: secure}
}

// Debian's package ovmf.
const (
	ovmfCode       = "/usr/share/OVMF/OVMF_CODE_4M.fd"
	ovmfSecureCode = "/usr/share/OVMF/OVMF_CODE_4M.ms.fd"
	ovmfVars       = "/usr/share/OVMF/OVMF_VARS_4M.fd"
	ovmfSecureVars = "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"
)

// runDir is the folder of a machine's QEMU on one node.
func runDir(base string, node string) string { return base + "/" + node }

func placeOf(uid types.UID, node string) place { return place{vmi: uid, node: node} }

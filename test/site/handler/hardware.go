package handler

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

// ForwardPorts on a machine names more ports to forward from its address, as
// "8080" or "8443:443" (address:guest), separated by commas.
const ForwardPorts = "site.crofthci.io/forward-ports"

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
		SerialLog: h.dir + "/serial.log",
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

// sataPorts of the board; a seventh SATA disk goes to the SCSI controller.
const sataPorts = 6

// disks are the drives in the order of the spec, with the boot order of the
// firmware: first those with a bootOrder, then the others as they stand.
func disks(vmi *kubevirtv1.VirtualMachineInstance, files sources) []guest.Disk {
	order := bootOrder(vmi.Spec.Domain.Devices.Disks)
	var list []guest.Disk
	sata, lun := 0, 0
	for _, d := range vmi.Spec.Domain.Devices.Disks {
		file, has := files[d.Name]
		if !has && d.CDRom == nil {
			continue
		}
		g := guest.Disk{
			Name: d.Name, Bus: bus(busOf(d)), File: file, CDROM: d.CDRom != nil,
			ReadOnly: d.Disk != nil && d.Disk.ReadOnly || d.LUN != nil && d.LUN.ReadOnly,
			Serial:   d.Serial, BootIndex: order[d.Name],
		}
		if g.CDROM && g.Bus == guest.Virtio {
			g.Bus = guest.SATA
		}
		if g.Bus == guest.SATA && sata == sataPorts {
			g.Bus = guest.SCSI
		}
		switch g.Bus {
		case guest.SATA:
			sata++
		case guest.SCSI:
			g.LUN = lun
			lun++
		case guest.Virtio:
		}
		list = append(list, g)
	}
	return list
}

// bootOrder numbers the disks from 1 in the order that the firmware tries them.
func bootOrder(disks []kubevirtv1.Disk) map[string]int {
	sorted := slices.Clone(disks)
	slices.SortStableFunc(sorted, func(a, b kubevirtv1.Disk) int {
		return cmp.Compare(bootRank(a), bootRank(b))
	})
	order := map[string]int{}
	for i, d := range sorted {
		order[d.Name] = i + 1
	}
	return order
}

func bootRank(d kubevirtv1.Disk) uint {
	if d.BootOrder != nil {
		return *d.BootOrder
	}
	return ^uint(0)
}

func busOf(d kubevirtv1.Disk) kubevirtv1.DiskBus {
	switch {
	case d.Disk != nil:
		return d.Disk.Bus
	case d.LUN != nil:
		return d.LUN.Bus
	case d.CDRom != nil:
		return d.CDRom.Bus
	default:
		return ""
	}
}

func bus(b kubevirtv1.DiskBus) guest.Bus {
	switch b {
	case kubevirtv1.DiskBusSATA, kubevirtv1.DiskBusUSB:
		return guest.SATA
	case kubevirtv1.DiskBusSCSI:
		return guest.SCSI
	default:
		return guest.Virtio
	}
}

// nics are the network cards; the first one has the machine's address.
func nics(vmi *kubevirtv1.VirtualMachineInstance, h host) []guest.NIC {
	var list []guest.NIC
	for i, iface := range vmi.Spec.Domain.Devices.Interfaces {
		if iface.State == kubevirtv1.InterfaceStateAbsent {
			continue
		}
		nic := guest.NIC{MAC: macOf(vmi, i), Model: iface.Model}
		if len(list) == 0 {
			nic.Address, nic.Forwards = h.address, forwards(vmi, h.lowPorts)
		}
		list = append(list, nic)
	}
	return list
}

// forwards are the ports that lead into the guest. Where the process may not
// listen below 1024, ssh is at 2222, http at 8080 and https at 8443.
func forwards(vmi *kubevirtv1.VirtualMachineInstance, lowPorts bool) []guest.Forward {
	list := []guest.Forward{{Host: 22, Guest: 22}, {Host: 80, Guest: 80}, {Host: 443, Guest: 443}}
	if !lowPorts {
		list = []guest.Forward{{Host: 2222, Guest: 22}, {Host: 8080, Guest: 80}, {Host: 8443, Guest: 443}}
	}
	for word := range strings.SplitSeq(vmi.Annotations[ForwardPorts], ",") {
		from, to, both := strings.Cut(strings.TrimSpace(word), ":")
		if !both {
			to = from
		}
		hostPort, err := strconv.ParseUint(from, 10, 16)
		if err != nil {
			continue
		}
		guestPort, err := strconv.ParseUint(to, 10, 16)
		if err != nil {
			continue
		}
		f := guest.Forward{Host: uint16(hostPort), Guest: uint16(guestPort)}
		if !slices.ContainsFunc(list, func(o guest.Forward) bool { return o.Host == f.Host }) {
			list = append(list, f)
		}
	}
	return list
}

// macOf is the address of a network card: the spec's, else one that stays the
// same as long as the instance lives.
func macOf(vmi *kubevirtv1.VirtualMachineInstance, i int) string {
	iface := vmi.Spec.Domain.Devices.Interfaces[i]
	if iface.MacAddress != "" {
		return strings.ToLower(strings.ReplaceAll(iface.MacAddress, "-", ":"))
	}
	sum := sha256.Sum256([]byte(string(vmi.UID) + "/" + iface.Name))
	return fmt.Sprintf("52:54:00:%02x:%02x:%02x", sum[0], sum[1], sum[2])
}

// targets are the names that the guest gives its disks, by volume: vda, sda, …
func targets(vmi *kubevirtv1.VirtualMachineInstance) map[string]string {
	t := map[string]string{}
	virtio, scsi := 0, 0
	for _, d := range vmi.Spec.Domain.Devices.Disks {
		if bus(busOf(d)) == guest.Virtio && d.CDRom == nil {
			t[d.Name] = "vd" + letters(virtio)
			virtio++
			continue
		}
		t[d.Name] = "sd" + letters(scsi)
		scsi++
	}
	return t
}

// letters counts a, b, …, z, aa, ab, … as Linux names disks.
func letters(n int) string {
	if n < 26 {
		return string(rune('a' + n))
	}
	return letters(n/26-1) + letters(n%26)
}

// runDir is the folder of a machine's QEMU on one node.
func runDir(base string, node string) string { return base + "/" + node }

func placeOf(uid types.UID, node string) place { return place{vmi: uid, node: node} }

package handler

import (
	"cmp"
	"slices"

	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
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

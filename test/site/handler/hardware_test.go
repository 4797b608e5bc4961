package handler

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

func drive(name string, device kubevirtv1.DiskDevice, boot uint) kubevirtv1.Disk {
	d := kubevirtv1.Disk{Name: name, DiskDevice: device}
	if boot > 0 {
		d.BootOrder = &boot
	}
	return d
}

func onBus(bus kubevirtv1.DiskBus) kubevirtv1.DiskDevice {
	return kubevirtv1.DiskDevice{Disk: &kubevirtv1.DiskTarget{Bus: bus}}
}

func cdrom(bus kubevirtv1.DiskBus) kubevirtv1.DiskDevice {
	return kubevirtv1.DiskDevice{CDRom: &kubevirtv1.CDRomTarget{Bus: bus}}
}

func TestDisks(t *testing.T) {
	for reason, test := range map[string]struct {
		disks []kubevirtv1.Disk
		files sources
		want  []guest.Disk
	}{
		"without boot order the firmware tries them as they stand": {
			disks: []kubevirtv1.Disk{drive("a", onBus("virtio"), 0), drive("b", onBus("scsi"), 0)},
			files: sources{"a": "/a", "b": "/b"},
			want: []guest.Disk{
				{Name: "a", Bus: guest.Virtio, File: "/a", BootIndex: 1},
				{Name: "b", Bus: guest.SCSI, File: "/b", BootIndex: 2},
			},
		},
		"boot order goes first, wherever the disk stands": {
			disks: []kubevirtv1.Disk{drive("a", onBus("virtio"), 0), drive("iso", cdrom("sata"), 2), drive("b", onBus("sata"), 1)},
			files: sources{"a": "/a", "b": "/b", "iso": "/iso"},
			want: []guest.Disk{
				{Name: "a", Bus: guest.Virtio, File: "/a", BootIndex: 3},
				{Name: "iso", Bus: guest.SATA, File: "/iso", CDROM: true, BootIndex: 2},
				{Name: "b", Bus: guest.SATA, File: "/b", BootIndex: 1},
			},
		},
		"an empty CD-ROM drive is a drive, a disk without bytes is none": {
			disks: []kubevirtv1.Disk{drive("cd", cdrom("sata"), 0), drive("gone", onBus("virtio"), 0)},
			want:  []guest.Disk{{Name: "cd", Bus: guest.SATA, CDROM: true, BootIndex: 1}},
		},
		"there is no virtio CD-ROM": {
			disks: []kubevirtv1.Disk{drive("cd", cdrom("virtio"), 0)},
			files: sources{"cd": "/cd"},
			want:  []guest.Disk{{Name: "cd", Bus: guest.SATA, File: "/cd", CDROM: true, BootIndex: 1}},
		},
		"SCSI disks have their own places": {
			disks: []kubevirtv1.Disk{drive("a", onBus("scsi"), 0), drive("b", onBus("scsi"), 0)},
			files: sources{"a": "/a", "b": "/b"},
			want: []guest.Disk{
				{Name: "a", Bus: guest.SCSI, File: "/a", BootIndex: 1},
				{Name: "b", Bus: guest.SCSI, File: "/b", BootIndex: 2, LUN: 1},
			},
		},
	} {
		vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) { v.Spec.Domain.Devices.Disks = test.disks })
		if diff := cmp.Diff(test.want, disks(vmi, test.files)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
	}
}

func TestHardware(t *testing.T) {
	vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.Domain.Firmware = &kubevirtv1.Firmware{UUID: "5d307ca9", Serial: "s1"}
	})
	want := guest.Machine{
		Name: "default/web", UUID: "5d307ca9", Serial: "s1", Accel: "tcg", Sockets: 1, Cores: 2, Threads: 1,
		Memory: 256 << 20, Video: true, SerialLog: "/data/guests/uid-1/serial.log",
		NICs: []guest.NIC{{
			MAC: "02:00:00:00:00:0a", Address: testHost.address,
			Forwards: []guest.Forward{{Host: 22, Guest: 22}, {Host: 80, Guest: 80}, {Host: 443, Guest: 443}, {Host: 2376, Guest: 2376}},
		}},
	}
	got := hardware(vmi, sources{"root": "/r"}, testHost)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(guest.Machine{}, "Disks"), cmpopts.EquateComparable(testHost.address)); diff != "" {
		t.Errorf("hardware (-want +got):\n%s", diff)
	}
}

func TestFirmware(t *testing.T) {
	no := false
	for reason, test := range map[string]struct {
		loader *kubevirtv1.Bootloader
		want   *guest.Firmware
	}{
		"nothing asked is a BIOS": {},
		"EFI is secure unless told not to be": {
			loader: &kubevirtv1.Bootloader{EFI: &kubevirtv1.EFI{}},
			want:   &guest.Firmware{Code: ovmfSecureCode, Vars: "/d/efivars.fd", Secure: true},
		},
		"EFI without secure boot": {
			loader: &kubevirtv1.Bootloader{EFI: &kubevirtv1.EFI{SecureBoot: &no}},
			want:   &guest.Firmware{Code: ovmfCode, Vars: "/d/efivars.fd"},
		},
	} {
		vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) {
			v.Spec.Domain.Firmware = &kubevirtv1.Firmware{Bootloader: test.loader}
		})
		if diff := cmp.Diff(test.want, firmware(vmi, "/d")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
	}
}

func TestForwards(t *testing.T) {
	for reason, test := range map[string]struct {
		annotation string
		lowPorts   bool
		want       []guest.Forward
	}{
		"a process that may listen below 1024": {lowPorts: true, want: []guest.Forward{{Host: 22, Guest: 22}, {Host: 80, Guest: 80}, {Host: 443, Guest: 443}, {Host: 2376, Guest: 2376}}},
		"one that may not":                     {want: []guest.Forward{{Host: 2222, Guest: 22}, {Host: 8080, Guest: 80}, {Host: 8443, Guest: 443}, {Host: 2376, Guest: 2376}}},
		"more by annotation; nonsense and what is taken are left out": {
			annotation: "9000, 9443:443,nonsense,80:81,70000", lowPorts: true,
			want: []guest.Forward{{Host: 22, Guest: 22}, {Host: 80, Guest: 80}, {Host: 443, Guest: 443}, {Host: 2376, Guest: 2376}, {Host: 9000, Guest: 9000}, {Host: 9443, Guest: 443}},
		},
	} {
		vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) { v.Annotations[ForwardPorts] = test.annotation })
		if diff := cmp.Diff(test.want, forwards(vmi, test.lowPorts)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
	}
}

func TestTargets(t *testing.T) {
	vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.Domain.Devices.Disks = []kubevirtv1.Disk{
			drive("a", onBus("virtio"), 0), drive("b", onBus("sata"), 0), drive("c", onBus("virtio"), 0), drive("d", cdrom("sata"), 0),
		}
	})
	want := map[string]string{"a": "vda", "b": "sda", "c": "vdb", "d": "sdb"}
	if diff := cmp.Diff(want, targets(vmi)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if got := letters(27); got != "ab" {
		t.Errorf("the 28th disk is %q, want ab", got)
	}
}

package guest

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// joined are the arguments with their values, one per line.
func joined(m Machine) string {
	var lines []string
	for _, word := range m.Args() {
		if strings.HasPrefix(word, "-") || len(lines) == 0 {
			lines = append(lines, word)
			continue
		}
		lines[len(lines)-1] += " " + word
	}
	return strings.Join(lines, "\n")
}

func TestArgs(t *testing.T) {
	nic := NIC{MAC: "52:54:00:00:00:01", Address: netip.MustParseAddr("127.21.1.1"), Forwards: []Forward{{22, 22}, {8443, 443}}}
	for reason, test := range map[string]struct {
		machine Machine
		want    []string
		not     []string
	}{
		"CPUs are the product of the topology": {
			machine: Machine{Sockets: 2, Cores: 3, Threads: 1, Memory: 192 << 20},
			want:    []string{"-smp 6,sockets=2,cores=3,threads=1", "-m size=196608k", "-machine q35,usb=off,vmport=off"},
		},
		"nothing asked is one CPU": {
			machine: Machine{}, want: []string{"-smp 1,sockets=1,cores=1,threads=1"},
		},
		"TCG keeps its cache small": {
			machine: Machine{Accel: "tcg"}, want: []string{"-accel tcg,thread=multi,tb-size=128"}, not: []string{"-accel kvm"},
		},
		"KVM gives the host's CPU": {
			machine: Machine{Accel: "kvm"}, want: []string{"-accel kvm", "-cpu host,migratable=on"},
		},
		"a virtio disk that boots, open for a second process": {
			machine: Machine{Disks: []Disk{{Name: "root", Bus: Virtio, File: "/v/disk.img", Serial: "s1", BootIndex: 1}}},
			want: []string{
				"-blockdev driver=raw,node-name=node-root,read-only=off,discard=unmap,file.driver=file,file.locking=off,file.discard=unmap,file.filename=/v/disk.img",
				"-device virtio-blk-pci,id=disk-root,drive=node-root,serial=s1,bootindex=1",
			},
		},
		"a comma in a path is quoted": {
			machine: Machine{Disks: []Disk{{Name: "root", Bus: Virtio, File: "/v/a,b"}}},
			want:    []string{"-blockdev driver=raw,node-name=node-root,read-only=off,discard=unmap,file.driver=file,file.locking=off,file.discard=unmap,file.filename=/v/a,,b"},
		},
		"SATA drives have a port each, an empty CD-ROM no backend": {
			machine: Machine{Disks: []Disk{{Name: "a", Bus: SATA, File: "/a"}, {Name: "cd", Bus: SATA, CDROM: true, BootIndex: 2}}},
			want:    []string{"-device ide-hd,id=disk-a,bus=ide.0,drive=node-a", "-device ide-cd,id=disk-cd,bus=ide.1,bootindex=2"},
			not:     []string{"node-cd"},
		},
		"a SCSI disk has its place": {
			machine: Machine{Disks: []Disk{{Name: "a", Bus: SCSI, File: "/a", LUN: 3}}},
			want:    []string{"-device scsi-hd,id=disk-a,bus=scsi0.0,scsi-id=0,lun=3,drive=node-a"},
		},
		"ports lead in from the machine's address": {
			machine: Machine{NICs: []NIC{nic}},
			want: []string{
				"-netdev user,id=net0,net=10.0.2.0/24,ipv6=off,hostfwd=tcp:127.21.1.1:22-:22,hostfwd=tcp:127.21.1.1:8443-:443",
				"-device virtio-net-pci,netdev=net0,id=nic0,mac=52:54:00:00:00:01,romfile=",
			},
		},
		"a target of a migration waits, and leaves the ports to the source": {
			machine: Machine{Incoming: true, NICs: []NIC{nic}},
			want:    []string{"-incoming defer", "-netdev user,id=net0,net=10.0.2.0/24,ipv6=off"},
			not:     []string{"hostfwd"},
		},
		"UEFI has its own variables, secure boot needs SMM": {
			machine: Machine{Firmware: &Firmware{Code: "/c.fd", Vars: "/v.fd", Secure: true}},
			want: []string{
				"-drive if=pflash,unit=0,format=raw,readonly=on,file=/c.fd",
				"-drive if=pflash,unit=1,format=raw,file.locking=off,file=/v.fd",
				"-machine q35,usb=off,vmport=off,smm=on",
			},
		},
		"a long name is too long for a block node": {
			machine: Machine{Disks: []Disk{{Name: "a-disk-with-a-name-of-27-xx", Bus: Virtio, File: "/a"}}},
			want:    []string{"-device virtio-blk-pci,id=disk-a-disk-with-a-name-of-27-xx,drive=node-595a24942d1b25f329d13234"},
			not:     []string{"node-a-disk-with"},
		},
		"one that fits just so is kept": {
			machine: Machine{Disks: []Disk{{Name: "a-disk-with-a-name-of-26-x", Bus: Virtio, File: "/a"}}},
			want:    []string{"-device virtio-blk-pci,id=disk-a-disk-with-a-name-of-26-x,drive=node-a-disk-with-a-name-of-26-x"},
		},
		"a machine that waits for somebody to start its guest": {machine: Machine{Paused: true}, want: []string{"-S"}},
		"a target never waits for that": {
			machine: Machine{Paused: true}.Target(), want: []string{"-incoming defer"}, not: []string{"-S"},
		},
		"no screen, no VNC": {machine: Machine{}, not: []string{"-vnc", "VGA"}},
		"a screen":          {machine: Machine{Video: true}, want: []string{"-vnc unix:vnc.sock,share=force-shared"}},
	} {
		lines := strings.Split(joined(test.machine), "\n")
		for _, want := range test.want {
			if !slices.Contains(lines, want) {
				t.Errorf("%s: no %q in\n%s", reason, want, strings.Join(lines, "\n"))
			}
		}
		for _, not := range test.not {
			if strings.Contains(strings.Join(lines, "\n"), not) {
				t.Errorf("%s: %q in\n%s", reason, not, strings.Join(lines, "\n"))
			}
		}
	}
}

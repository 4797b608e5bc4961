package guest

import (
	"net/netip"
	"time"
)

// Machine is the hardware of a guest: everything that QEMU is told.
type Machine struct {
	// Name is shown in the process list, "namespace/name".
	Name string `json:"name"`
	// UUID and Serial are what the firmware tells the guest.
	UUID   string `json:"uuid,omitempty"`
	Serial string `json:"serial,omitempty"`
	// Accel is "tcg" or "kvm".
	Accel string `json:"accel"`
	// Type is QEMU's machine type, "q35" when empty.
	Type string `json:"type,omitempty"`

	// Sockets, Cores and Threads multiply to the number of CPUs; each is at
	// least 1.
	Sockets int `json:"sockets"`
	Cores   int `json:"cores"`
	Threads int `json:"threads"`
	// Memory in bytes; QEMU takes it from the host as the guest touches it.
	Memory int64 `json:"memory"`

	// Firmware is nil for a BIOS.
	Firmware *Firmware `json:"firmware,omitempty"`
	Disks    []Disk    `json:"disks,omitempty"`
	NICs     []NIC     `json:"nics,omitempty"`

	// SerialLog is a file that everything the guest prints is added to.
	SerialLog string `json:"serialLog,omitempty"`
	// Video is false for a machine without a graphics device.
	Video bool `json:"video"`
	// Paused machines do not boot before somebody lets them go on.
	Paused bool `json:"paused,omitempty"`
	// Incoming machines wait for the state of another QEMU instead of booting.
	// Their ports are forwarded only when they have taken over.
	Incoming bool `json:"incoming,omitempty"`
	// RebootBy is until when a power-down is the first half of a soft reboot.
	RebootBy time.Time `json:"rebootBy,omitzero"`
}

// Target is the same hardware, waiting for the state of this machine. Whether the
// guest is paused comes with the state.
func (m Machine) Target() Machine {
	m.Incoming, m.Paused, m.RebootBy = true, false, time.Time{}
	return m
}

// Firmware is UEFI: the code, read-only, and the machine's own variables.
type Firmware struct {
	Code string `json:"code"`
	Vars string `json:"vars"`
	// Secure needs System Management Mode, which only q35 has.
	Secure bool `json:"secure,omitempty"`
}

// Bus is how a disk is wired.
type Bus string

// The buses that KubeVirt's disks know; USB disks are wired to SATA.
const (
	Virtio Bus = "virtio"
	SATA   Bus = "sata"
	SCSI   Bus = "scsi"
)

// Disk is one disk or CD-ROM drive with a raw file in it.
type Disk struct {
	// Name is the device's id; letters, digits and dashes.
	Name string `json:"name"`
	Bus  Bus    `json:"bus"`
	File string `json:"file,omitempty"`
	// CDROM drives may be empty: no File.
	CDROM    bool   `json:"cdrom,omitempty"`
	ReadOnly bool   `json:"readOnly,omitempty"`
	Serial   string `json:"serial,omitempty"`
	// BootIndex orders what the firmware tries; 0 means not at all.
	BootIndex int `json:"bootIndex,omitempty"`
	// LUN is the place on the SCSI controller. It must stay the same from a
	// hotplug to the migrations after it.
	LUN int `json:"lun,omitempty"`
}

// NIC is a network card on a network of its own, as if behind a router that
// forwards ports of a loopback address to the guest.
type NIC struct {
	MAC   string `json:"mac"`
	Model string `json:"model"`
	// Address whose ports are forwarded; none when it is not valid.
	Address  netip.Addr `json:"address,omitzero"`
	Forwards []Forward  `json:"forwards,omitempty"`
}

// Forward leads a port of the card's address to a port of the guest.
type Forward struct {
	Host  uint16 `json:"host"`
	Guest uint16 `json:"guest"`
}

// CPUs is how many the guest sees.
func (m Machine) CPUs() int { return max(m.Sockets, 1) * max(m.Cores, 1) * max(m.Threads, 1) }

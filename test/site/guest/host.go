package guest

import (
	"context"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// AccelEnv names the environment variable that chooses the accelerator: "tcg",
// "kvm", or "auto" (the default) for KVM where a machine really boots with it.
const AccelEnv = "CROFT_ACCEL"

// probeExit is the status that the probe's boot sector ends QEMU with.
const probeExit = 33

// probeTimeout is enough for KVM many times over.
const probeTimeout = 2 * time.Second

// Accel is the accelerator that machines are started with. That /dev/kvm can be
// opened proves little inside nested or restricted virtualization, so a boot
// sector is run with it: it must reach its only instruction in time, on a machine
// with System Management Mode, which secure boot needs and half a hypervisor lacks.
func Accel(ctx context.Context, qemu string) string {
	switch choice := os.Getenv(AccelEnv); choice {
	case "tcg", "kvm":
		return choice
	}
	kvm, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return "tcg"
	}
	_ = kvm.Close()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if probe(ctx, qemu, "kvm") {
		return "kvm"
	}
	return "tcg"
}

func probe(ctx context.Context, qemu, accel string) bool {
	dir, err := os.MkdirTemp("", "croft-probe")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	disk := filepath.Join(dir, "probe.img")
	sector := make([]byte, 1<<20)
	// mov dx, 0x501; mov al, 16; out dx, al; hlt
	copy(sector, []byte{0xba, 0x01, 0x05, 0xb0, probeExit >> 1, 0xee, 0xf4})
	sector[510], sector[511] = 0x55, 0xaa
	if err := os.WriteFile(disk, sector, 0o600); err != nil {
		return false
	}
	cmd := exec.CommandContext(ctx, qemu, "-machine", "q35,smm=on", "-accel", accel, "-m", "32", "-nodefaults", "-display", "none",
		"-device", "isa-debug-exit,iobase=0x501,iosize=2",
		"-drive", "if=none,id=d,format=raw,file="+disk, "-device", "virtio-blk-pci,drive=d,bootindex=1")
	_ = cmd.Run()
	return cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == probeExit
}

// MayForwardLowPorts says whether this process may listen below 1024 on an
// address, as QEMU then may for ssh on port 22.
func MayForwardLowPorts(address netip.Addr) bool {
	l, err := net.Listen("tcp", netip.AddrPortFrom(address, 22).String())
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}

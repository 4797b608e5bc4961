package guest

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/site/guest/launch"
)

// TestMain is also the launcher: the test binary is the program that Start
// finds.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "launch" {
		dir := os.Args[2][len("--dir="):]
		if err := LaunchIn(dir, os.Args[4:]).Run(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// counter is a boot sector that prints '.' to the serial line for ever.
//
//	mov dx, 0x3f8; l: mov al, '.'; out dx, al; mov cx, 0; d: loop d; jmp l
var counter = []byte{0xba, 0xf8, 0x03, 0xb0, '.', 0xee, 0xb9, 0, 0, 0xe2, 0xfe, 0xeb, 0xf6}

// sleeper is a boot sector that powers the machine off when it reads anything
// from the serial line, and is deaf to the power button.
//
//	mov dx, 0x3fd; l: in al, dx; test al, 1; jz l; mov dx, 0x604; mov ax, 0x2000; out dx, ax; h: hlt; jmp h
var sleeper = []byte{0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb, 0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4, 0xeb, 0xfd}

func startCounter(t *testing.T) (Launcher, *Guest, string) {
	t.Helper()
	return startSector(t, counter)
}

func startSector(t *testing.T, code []byte, change ...func(*Machine)) (Launcher, *Guest, string) {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Fatalf("this test runs QEMU, install the package qemu-system-x86: %v", err)
	}
	// Longer than a unix socket's path may be.
	dir := filepath.Join(t.TempDir(), "a-folder-with-a-rather-long-name-as-the-uid-of-a-machine-has-one", "and-its-node-s-name")
	disk := filepath.Join(t.TempDir(), "disk.img")
	content := make([]byte, 1<<20)
	copy(content, code)
	content[510], content[511] = 0x55, 0xaa
	if err := os.WriteFile(disk, content, 0o600); err != nil {
		t.Fatal(err)
	}
	l := Launcher{Command: []string{os.Args[0], "launch"}, QEMU: qemu, Env: []string{launch.SupervisorEnv + "=" + strconv.Itoa(os.Getpid())}}
	m := Machine{
		Name: "default/test", Accel: "tcg", Sockets: 1, Cores: 1, Threads: 1, Memory: 32 << 20, Video: true,
		Disks: []Disk{{Name: "root", Bus: Virtio, File: disk, BootIndex: 1}},
		NICs:  []NIC{{MAC: "52:54:00:00:00:01"}},
	}
	for _, c := range change {
		c(&m)
	}
	g, err := l.Start(t.Context(), dir, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Kill)
	return l, g, dir
}

// wantOutput waits until the guest prints.
func wantOutput(t *testing.T, g *Guest) {
	t.Helper()
	line, err := g.Serial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	_ = line.SetReadDeadline(time.Now().Add(2 * time.Minute))
	b := make([]byte, 1)
	for b[0] != '.' { // SeaBIOS may speak first
		if _, err := line.Read(b); err != nil {
			t.Fatalf("the guest prints nothing: %v", err)
		}
	}
}

func TestGuestLives(t *testing.T) {
	_, g, dir := startCounter(t)
	ctx := t.Context()
	wantOutput(t, g)
	if err := g.Pause(ctx); err != nil {
		t.Fatal(err)
	}
	if s, err := g.Status(ctx); s != "paused" || err != nil {
		t.Errorf("status %q, %v", s, err)
	}
	if err := g.Resume(ctx); err != nil {
		t.Fatal(err)
	}
	if err := g.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	wantOutput(t, g)
	// Who gives up waiting for QEMU, as a browser that is closed does, spoils nothing.
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := g.Status(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("a question of somebody who has gone: %v", err)
	}
	if s, err := g.Status(ctx); s != "running" || err != nil {
		t.Errorf("status %q, %v after somebody has gone", s, err)
	}
	// A connection that breaks is made anew.
	broken := g.line.monitor
	broken.close()
	<-broken.done
	if s, err := g.Status(ctx); s != "running" || err != nil {
		t.Errorf("status %q, %v after the connection broke", s, err)
	}
	if _, err := g.Agent(ctx); !errors.Is(err, errNoAgent) {
		t.Errorf("a boot sector has no agent, but: %v", err)
	}
	screen, err := g.VNC(ctx)
	if err != nil {
		t.Fatal(err)
	}
	wantGreeting(t, screen, "RFB ")
	g.Detach()
	again, err := Adopt(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.PID() != g.PID() {
		t.Errorf("adopted process %d, started %d", again.PID(), g.PID())
	}
	if err := again.Quit(ctx); err != nil {
		t.Fatal(err)
	}
	if exit := again.Exit(); exit.Crashed() {
		t.Errorf("a machine that was asked to quit crashed: %s", exit)
	}
	late, err := Adopt(ctx, dir)
	if err != nil || late.Exit().Crashed() {
		t.Errorf("the word on a machine that ended is lost: %v", err)
	}
}

func wantGreeting(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
	b := make([]byte, len(want))
	if _, err := conn.Read(b); err != nil || string(b) != want {
		t.Errorf("greeting %q, %v; want %q", b, err, want)
	}
}

func TestGuestCrashes(t *testing.T) {
	_, g, _ := startCounter(t)
	if err := syscall.Kill(g.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if exit := g.Exit(); !exit.Crashed() || exit.Signal != "killed" {
		t.Errorf("a killed QEMU ended as %+v", exit)
	}
}

func TestGuestMoves(t *testing.T) {
	l, source, dir := startCounter(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	wantOutput(t, source)
	target, err := l.Start(ctx, dir+"-target", source.Hardware().Target())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(target.Kill)
	if err := target.Listen(ctx); err != nil {
		t.Fatal(err)
	}
	if err := source.MigrateTo(ctx, target, Limits{}); err != nil {
		t.Fatal(err)
	}
	wantMoved(t, ctx, source)
	for arrived := false; !arrived; {
		if arrived, err = target.Arrived(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := source.Quit(ctx); err != nil {
		t.Fatal(err)
	}
	<-source.Done()
	// A process that is killed between the ports and its note of them begins anew.
	if err := target.forward(ctx, 0, "tcp:127.22.1.1:2222-:22"); err != nil {
		t.Fatal(err)
	}
	target.Machine.NICs[0].Address = netip.MustParseAddr("127.22.1.1")
	target.Machine.NICs[0].Forwards = []Forward{{Host: 2222, Guest: 22}}
	for range 2 {
		if err := target.TakeOver(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if target.Hardware().Incoming {
		t.Error("a target that has taken over still waits")
	}
	wantOutput(t, target)
}

// TestEndNeedsNoAnswer ends a QEMU that hangs, without a handle on it.
func TestEndNeedsNoAnswer(t *testing.T) {
	_, g, dir := startCounter(t)
	if err := syscall.Kill(g.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	End(dir)
	if _, alive := running(dir); alive {
		t.Error("it runs on")
	}
	if exit := g.Exit(); exit.Signal != "killed" {
		t.Errorf("it ended as %+v", exit)
	}
	End(dir) // nothing is left to do
}

// TestPowerAndReboot tries what a power-down of the guest means after a soft
// reboot was asked for.
func TestPowerAndReboot(t *testing.T) {
	for reason, test := range map[string]struct {
		ask   func(context.Context, *Guest) error
		still bool
	}{
		"nobody asked for anything": {ask: func(context.Context, *Guest) error { return nil }},
		"a soft reboot starts the machine again": {
			ask: func(ctx context.Context, g *Guest) error { return g.Reboot(ctx, time.Minute) }, still: true,
		},
		"one that was not heard in time is forgotten": {
			ask: func(ctx context.Context, g *Guest) error {
				if err := g.Reboot(ctx, 0); err != nil {
					return err
				}
				_, err := g.FinishReboot(ctx)
				return err
			},
		},
		"the power button after it means off": {
			ask: func(ctx context.Context, g *Guest) error {
				return errors.Join(g.Reboot(ctx, time.Minute), g.PowerDown(ctx))
			},
		},
	} {
		t.Run(reason, func(t *testing.T) {
			_, g, dir := startSector(t, sleeper)
			if err := test.ask(t.Context(), g); err != nil {
				t.Fatal(err)
			}
			g.Detach()
			g, err := Adopt(t.Context(), dir) // another process may see the end of it
			if err != nil {
				t.Fatal(err)
			}
			if off := powersOff(t, g); off == test.still {
				t.Errorf("the machine has ended: %v", off)
			}
		})
	}
}

// powersOff wakes the sleeper and says whether its machine ends; false when it
// starts again.
func powersOff(t *testing.T, g *Guest) bool {
	t.Helper()
	line, err := g.Serial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		_, _ = line.Write([]byte("x")) // the firmware may have swallowed the one before
		pending := !g.rebootBy().IsZero()
		if done, err := g.FinishReboot(t.Context()); err == nil && pending && done {
			return false
		}
		select {
		case <-g.Done():
			if exit := g.Exit(); exit.Crashed() {
				t.Errorf("it ended as %s", exit)
			}
			return true
		case <-tick.C:
		}
	}
	t.Fatal("the guest never powers down")
	return false
}

func TestGuestStartsPaused(t *testing.T) {
	_, g, _ := startSector(t, counter, func(m *Machine) { m.Paused = true })
	if s, err := g.Status(t.Context()); s != "prelaunch" || err != nil {
		t.Errorf("status %q, %v", s, err)
	}
	if err := g.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOutput(t, g)
}

func TestGuestGrows(t *testing.T) {
	_, g, _ := startCounter(t)
	disk := g.Machine.Disks[0]
	for reason, size := range map[string]int64{"nothing changed": 1 << 20, "the file has grown": 2<<20 + 7} {
		if err := os.Truncate(disk.File, size); err != nil {
			t.Fatal(err)
		}
		if err := g.Grow(t.Context()); err != nil {
			t.Fatalf("%s: %v", reason, err)
		}
		known, err := g.sizes(t.Context())
		if want := size / sector * sector; err != nil || known[nodeName(disk)] < want {
			t.Errorf("%s: QEMU knows %d bytes, %v; want %d", reason, known[nodeName(disk)], err, want)
		}
	}
}

func wantMoved(t *testing.T, ctx context.Context, g *Guest) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		progress, err := g.Migration(ctx)
		if err != nil {
			t.Fatal(err)
		}
		switch progress.Status {
		case "completed":
			return
		case "failed", "cancelled":
			t.Fatalf("migration %s: %s", progress.Status, progress.Error)
		}
		<-tick.C
	}
}

func TestGuestHotplug(t *testing.T) {
	_, g, _ := startCounter(t)
	extra := filepath.Join(t.TempDir(), "extra.img")
	if err := os.WriteFile(extra, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	const name = "extra-disk-with-a-name-that-is-long" // too long for a block node
	if err := g.Plug(t.Context(), Disk{Name: name, File: extra, Serial: "s"}); err != nil {
		t.Fatal(err)
	}
	if !g.Has(name) {
		t.Error("a plugged disk is not in the machine")
	}
	if got := g.Hardware().Disks[1]; got.Bus != SCSI || got.LUN != 0 {
		t.Errorf("plugged disk is at %+v", got)
	}
	if err := g.Unplug(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if g.Has(name) {
		t.Error("an unplugged disk is still in the machine")
	}
}

// TestGuestDrive puts a disc into an empty drive and takes it out again, twice.
func TestGuestDrive(t *testing.T) {
	l, other, dir := startCounter(t)
	m := other.Hardware()
	m.Disks = append(m.Disks, Disk{Name: "cd", Bus: SATA, CDROM: true})
	g, err := l.Start(t.Context(), dir+"drive", m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Kill)
	disc := filepath.Join(t.TempDir(), "disc.iso")
	if err := os.WriteFile(disc, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for range 2 { // who asks twice has it once
			if err := g.Insert(t.Context(), Disk{Name: "cd", File: disc}); err != nil {
				t.Fatal(err)
			}
		}
		if sizes, err := g.sizes(t.Context()); err != nil || sizes["node-cd"] != 1<<20 {
			t.Errorf("QEMU knows no disc: %v, %v", sizes, err)
		}
		if err := g.Unplug(t.Context(), "cd"); err != nil {
			t.Fatal(err)
		}
		if drive, has := g.Drive("cd"); !has || drive.File != "" {
			t.Errorf("the drive stays, and is empty: %+v", drive)
		}
	}
}

func TestFirmwareStarts(t *testing.T) {
	l, bios, dir := startCounter(t)
	for reason, firmware := range map[string]struct {
		code, vars string
		secure     bool
	}{
		"UEFI":        {"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd", false},
		"secure boot": {"/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd", true},
	} {
		vars := filepath.Join(t.TempDir(), "vars.fd")
		data, err := os.ReadFile(firmware.vars)
		if err != nil {
			t.Fatalf("this test runs UEFI, install the package ovmf: %v", err)
		}
		if err := os.WriteFile(vars, data, 0o600); err != nil {
			t.Fatal(err)
		}
		m := bios.Hardware()
		m.Memory, m.Firmware = 64<<20, &Firmware{Code: firmware.code, Vars: vars, Secure: firmware.secure}
		g, err := l.Start(t.Context(), dir+reason, m)
		if err != nil {
			t.Errorf("%s: %v", reason, err)
			continue
		}
		if s, err := g.Status(t.Context()); s != "running" {
			t.Errorf("%s: status %q, %v", reason, s, err)
		}
		g.Kill()
	}
}

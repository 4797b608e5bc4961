package guest

import (
	"context"
	"errors"
	"net"
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

func startCounter(t *testing.T) (Launcher, *Guest, string) {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Fatalf("this test runs QEMU, install the package qemu-system-x86: %v", err)
	}
	// Longer than a unix socket's path may be.
	dir := filepath.Join(t.TempDir(), "a-folder-with-a-rather-long-name-as-the-uid-of-a-machine-has-one", "and-its-node-s-name")
	disk := filepath.Join(t.TempDir(), "disk.img")
	sector := make([]byte, 1<<20)
	copy(sector, counter)
	sector[510], sector[511] = 0x55, 0xaa
	if err := os.WriteFile(disk, sector, 0o600); err != nil {
		t.Fatal(err)
	}
	l := Launcher{Command: []string{os.Args[0], "launch"}, QEMU: qemu, Env: []string{launch.SupervisorEnv + "=" + strconv.Itoa(os.Getpid())}}
	m := Machine{
		Name: "default/test", Accel: "tcg", Sockets: 1, Cores: 1, Threads: 1, Memory: 32 << 20, Video: true,
		Disks: []Disk{{Name: "root", Bus: Virtio, File: disk, BootIndex: 1}},
		NICs:  []NIC{{MAC: "52:54:00:00:00:01"}},
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
	_ = line.SetReadDeadline(time.Now().Add(30 * time.Second))
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
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
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
	m := source.Hardware()
	m.Incoming = true
	target, err := l.Start(ctx, dir+"-target", m)
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
	if err := target.WaitRunning(ctx); err != nil {
		t.Fatal(err)
	}
	if err := source.Quit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := target.TakeOver(ctx); err != nil {
		t.Fatal(err)
	}
	wantOutput(t, target)
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
	if err := g.Plug(t.Context(), Disk{Name: "extra", File: extra, Serial: "s"}); err != nil {
		t.Fatal(err)
	}
	if !g.Has("extra") {
		t.Error("a plugged disk is not in the machine")
	}
	if got := g.Hardware().Disks[1]; got.Bus != SCSI || got.LUN != 0 {
		t.Errorf("plugged disk is at %+v", got)
	}
	if err := g.Unplug(t.Context(), "extra"); err != nil {
		t.Fatal(err)
	}
	if g.Has("extra") {
		t.Error("an unplugged disk is still in the machine")
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

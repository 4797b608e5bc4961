package guest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"crofthci.io/croft/test/site/guest/launch"
)

// Guest is a handle on a machine that runs, or that has ended.
type Guest struct {
	// Machine is what it was started with, and what was plugged in since.
	Machine Machine

	dir     string
	pid     int
	monitor *monitor
	mu      sync.Mutex
	done    chan struct{}
	exit    Exit
	agent   agentState
}

// Exit is how a machine ended.
type Exit struct {
	// Code is 0 when the guest powered itself down or was asked to quit.
	Code int
	// Signal that ended QEMU, for example "killed".
	Signal string
}

// String is for messages.
func (e Exit) String() string {
	if e.Signal != "" {
		return "QEMU ended by signal: " + e.Signal
	}
	return fmt.Sprintf("QEMU ended with status %d", e.Code)
}

// Crashed is true when the machine did not end in order.
func (e Exit) Crashed() bool { return e.Code != 0 }

func attach(ctx context.Context, dir string, m Machine, conn net.Conn) (*Guest, error) {
	mon, err := newMonitor(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("machine %s: %w", m.Name, err)
	}
	pid, _ := running(dir)
	g := &Guest{Machine: m, dir: dir, pid: pid, monitor: mon, done: make(chan struct{})}
	go g.watch()
	return g, nil
}

func ended(dir string, m Machine, pid int) *Guest {
	g := &Guest{Machine: m, dir: dir, pid: pid, done: make(chan struct{})}
	g.exit = lastWord(dir)
	close(g.done)
	return g
}

// lastWord is how the machine of a folder ended. No word at all means that the
// launcher was killed too: a crash.
func lastWord(dir string) Exit {
	if exit, ok := readExit(dir); ok {
		return exit
	}
	return Exit{Code: -1, Signal: "killed"}
}

// watch waits for the end of QEMU and then for the launcher's word on it.
func (g *Guest) watch() {
	defer close(g.done)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	<-g.monitor.done
	for range tick.C {
		if _, alive := running(g.dir); !alive {
			break
		}
		tick.Reset(100 * time.Millisecond)
	}
	// The launcher writes right after it has seen the end.
	for range 200 {
		if _, ok := readExit(g.dir); ok {
			break
		}
		<-tick.C
	}
	g.exit = lastWord(g.dir)
}

// Done is closed when the machine has ended; then Exit says how.
func (g *Guest) Done() <-chan struct{} { return g.done }

// Exit is how the machine ended. It waits until it has.
func (g *Guest) Exit() Exit {
	<-g.done
	return g.exit
}

// Status is QEMU's run state: "running", "paused", "shutdown", "inmigrate", …
func (g *Guest) Status(ctx context.Context) (string, error) {
	var status struct {
		Status string `json:"status"`
	}
	err := g.run(ctx, "query-status", nil, &status)
	return status.Status, err
}

// Pause stops the CPUs.
func (g *Guest) Pause(ctx context.Context) error { return g.run(ctx, "stop", nil, nil) }

// Resume lets the CPUs go on.
func (g *Guest) Resume(ctx context.Context) error { return g.run(ctx, "cont", nil, nil) }

// Reset presses the reset button.
func (g *Guest) Reset(ctx context.Context) error { return g.run(ctx, "system_reset", nil, nil) }

// PowerDown presses the power button; the guest decides.
func (g *Guest) PowerDown(ctx context.Context) error {
	return g.run(ctx, "system_powerdown", nil, nil)
}

// Reboot presses the power button and starts the machine again as soon as the
// guest has powered down: the soft reboot of machines without a guest agent.
func (g *Guest) Reboot(ctx context.Context) error {
	if err := g.run(ctx, "set-action", map[string]string{"shutdown": "pause"}, nil); err != nil {
		return err
	}
	return g.PowerDown(ctx)
}

// FinishReboot goes on with a Reboot when the guest has powered down by now. It
// answers false while there is nothing to do.
func (g *Guest) FinishReboot(ctx context.Context) (bool, error) {
	status, err := g.Status(ctx)
	if err != nil || status != "shutdown" {
		return false, err
	}
	for _, step := range []struct {
		command   string
		arguments any
	}{
		{"set-action", map[string]string{"shutdown": "poweroff"}},
		{"system_reset", nil},
		{"cont", nil},
	} {
		if err := g.run(ctx, step.command, step.arguments, nil); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Quit ends the machine in order, as pulling the plug does but after all its
// disks are flushed.
func (g *Guest) Quit(ctx context.Context) error {
	if err := g.run(ctx, "quit", nil, nil); err != nil && !errors.Is(err, errGone) {
		return err
	}
	return nil
}

// Kill ends QEMU by force and waits for it.
func (g *Guest) Kill() {
	if pid, alive := running(g.dir); alive {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-g.done
}

// Detach lets go of a machine without touching it.
func (g *Guest) Detach() {
	if g.monitor != nil {
		g.monitor.close()
	}
}

// PID is the process id of the machine's QEMU.
func (g *Guest) PID() int { return g.pid }

// Serial connects to the machine's serial line. There is one line: QEMU serves
// one connection after the other.
func (g *Guest) Serial(ctx context.Context) (net.Conn, error) { return dial(ctx, g.dir, serialSocket) }

// VNC connects to the machine's screen.
func (g *Guest) VNC(ctx context.Context) (net.Conn, error) { return dial(ctx, g.dir, vncSocket) }

// Screenshot is the machine's screen as a PNG.
func (g *Guest) Screenshot(ctx context.Context) ([]byte, error) {
	path := filepath.Join(g.dir, "screen.png")
	if err := g.run(ctx, "screendump", map[string]string{"filename": path, "format": "png"}, nil); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func (g *Guest) run(ctx context.Context, command string, arguments, result any) error {
	if g.monitor == nil {
		return fmt.Errorf("machine %s: %w", g.Machine.Name, errGone)
	}
	if err := g.monitor.run(ctx, command, arguments, result); err != nil {
		return fmt.Errorf("machine %s: %w", g.Machine.Name, err)
	}
	return nil
}

// LaunchIn is the launcher's part of a machine in a folder.
func LaunchIn(dir string, command []string) launch.Launch {
	return launch.Launch{Dir: dir, PIDFile: pidFile, ExitFile: exitFile, Log: stderrFile, Command: command}
}

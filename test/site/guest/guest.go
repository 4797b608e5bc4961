package guest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"crofthci.io/croft/test/site/guest/launch"
)

// Guest is a handle on a machine that runs, or that has ended.
type Guest struct {
	// Machine is what it was started with, and what was plugged in since.
	Machine Machine

	dir   string
	pid   int
	line  line
	mu    sync.Mutex // of Machine
	done  chan struct{}
	exit  Exit
	agent agentState
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
	g := &Guest{Machine: m, dir: dir, pid: pid, line: line{dir: dir, monitor: mon}, done: make(chan struct{})}
	go g.watch(mon)
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

// watch waits for the end of QEMU and then for the launcher's word on it. That the
// first connection breaks may be the end, or only a broken connection.
func (g *Guest) watch(first *monitor) {
	defer close(g.done)
	<-first.done
	settle(g.dir)
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

// Quit ends the machine in order, as pulling the plug does but after all its
// disks are flushed.
func (g *Guest) Quit(ctx context.Context) error {
	if err := g.run(ctx, "quit", nil, nil); err != nil && !errors.Is(err, errLost) {
		return err
	}
	return nil
}

// Detach lets go of a machine without touching it.
func (g *Guest) Detach() { g.line.close() }

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
	if err := g.line.run(ctx, command, arguments, result); err != nil {
		return fmt.Errorf("machine %s: %w", g.Machine.Name, err)
	}
	return nil
}

// LaunchIn is the launcher's part of a machine in a folder.
func LaunchIn(dir string, command []string) launch.Launch {
	return launch.Launch{Dir: dir, PIDFile: pidFile, ExitFile: exitFile, Log: stderrFile, Command: command}
}

package guest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"crofthci.io/croft/test/site/guest/launch"
)

// Launcher says how QEMU is brought to life.
type Launcher struct {
	// Command is the program and the words before the launcher's own flags,
	// for example {"/proc/self/exe", "launch"}.
	Command []string
	// QEMU is the emulator's program.
	QEMU string
	// Env is added to the launcher's environment.
	Env []string
}

// startDeadline is how long QEMU may take to open its monitor. It does so
// before the guest runs; only a very busy host needs seconds.
const startDeadline = 60 * time.Second

// Start brings a machine to life in a folder of its own, where nothing else may
// run: what an earlier process left there ends.
func (l Launcher) Start(ctx context.Context, dir string, m Machine) (*Guest, error) {
	End(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("machine %s: %w", m.Name, err)
	}
	for _, old := range []string{pidFile, exitFile, qmpSocket, serialSocket, vncSocket, agentSocket, migrateSocket} {
		if err := os.Remove(filepath.Join(dir, old)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("machine %s: %w", m.Name, err)
		}
	}
	if err := writeMachine(dir, m); err != nil {
		return nil, err
	}
	words := append([]string{}, l.Command[1:]...)
	words = append(words, "--dir="+dir, "--", l.QEMU)
	words = append(words, m.Args()...)
	cmd := exec.Command(l.Command[0], words...)
	cmd.Env = append(os.Environ(), l.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("machine %s: launcher: %w", m.Name, err)
	}
	go func() { _ = cmd.Wait() }() // takes the zombie; the exit file tells the rest
	return open(ctx, dir, m)
}

// Adopt finds a machine that an earlier process started in the folder. A
// machine that has ended meanwhile is found too: it tells how it ended.
func Adopt(ctx context.Context, dir string) (*Guest, error) {
	data, err := os.ReadFile(filepath.Join(dir, machineFile))
	if err != nil {
		return nil, fmt.Errorf("adopt machine: %w", err)
	}
	var m Machine
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("adopt machine in %s: %w", dir, err)
	}
	if pid, alive := running(dir); !alive {
		return ended(dir, m, pid), nil
	}
	return open(ctx, dir, m)
}

func writeMachine(dir string, m Machine) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("machine %s: %w", m.Name, err)
	}
	if err := os.WriteFile(filepath.Join(dir, machineFile), data, 0o644); err != nil {
		return fmt.Errorf("machine %s: %w", m.Name, err)
	}
	return nil
}

// open waits for the monitor of a QEMU that is starting and watches over it.
func open(ctx context.Context, dir string, m Machine) (*Guest, error) {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := dial(ctx, dir, qmpSocket); err == nil {
			if g, err := attach(ctx, dir, m, conn); err == nil {
				return g, nil
			}
		}
		if exit, over := readExit(dir); over {
			return nil, fmt.Errorf("machine %s: QEMU ended at once (%s): %s", m.Name, exit, complaint(dir))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("machine %s: no answer from QEMU: %s: %w", m.Name, complaint(dir), ctx.Err())
		case <-tick.C:
		}
	}
}

// running says whether the QEMU of a folder lives. A process id alone is not
// enough: after a reboot of the host it may be somebody else's.
func running(dir string) (int, bool) {
	data, err := os.ReadFile(filepath.Join(dir, pidFile))
	if err != nil {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, false
	}
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return pid, false
	}
	want, err := filepath.EvalSymlinks(dir)
	return pid, err == nil && cwd == want
}

func readExit(dir string) (Exit, bool) {
	data, err := os.ReadFile(filepath.Join(dir, exitFile))
	if err != nil {
		return Exit{}, false
	}
	var e launch.Exit
	if json.Unmarshal(data, &e) != nil {
		return Exit{}, false
	}
	return Exit{Code: e.Code, Signal: e.Signal}, true
}

// complaint is the last thing that QEMU wrote.
func complaint(dir string) string {
	data, err := os.ReadFile(filepath.Join(dir, stderrFile))
	if err != nil {
		return "it wrote nothing"
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return lines[len(lines)-1]
}

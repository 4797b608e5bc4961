// Package launch is the small process between a site and a machine's QEMU.
//
// It keeps the machine running when the site's process is killed, ends it when
// the supervisor of the whole sandbox is gone, and writes down how QEMU ended,
// so that a site that comes back can tell a power-down from a crash. It must do
// nothing else: it lives as long as the machine.
package launch

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// SupervisorEnv names the environment variable with the process id that a
// machine must not outlive.
const SupervisorEnv = "CROFT_SUPERVISOR_PID"

// Launch is one machine's process.
type Launch struct {
	// Dir is the machine's folder; QEMU runs in it.
	Dir string
	// PIDFile and ExitFile are names in Dir: the process id of QEMU while it
	// runs, and how it ended.
	PIDFile, ExitFile string
	// Log is the name in Dir of the file that QEMU complains in.
	Log string
	// Command is QEMU and its arguments.
	Command []string
}

// Exit is how a QEMU ended.
type Exit struct {
	// Code is the exit status; 0 when the guest powered itself down.
	Code int `json:"code"`
	// Signal that ended QEMU, if any.
	Signal string `json:"signal,omitempty"`
}

// Run starts QEMU and returns when it has ended.
func (l Launch) Run() error {
	// PR_SET_PDEATHSIG follows the thread that started the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// The end of the terminal or of the site is not the end of the machine.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)

	log, err := os.OpenFile(filepath.Join(l.Dir, l.Log), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("launch: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(l.Command[0], l.Command[1:]...)
	cmd.Dir = l.Dir
	cmd.Stderr, cmd.Stdout = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("launch: %w", err), l.write(Exit{Code: 127}))
	}
	pid := []byte(strconv.Itoa(cmd.Process.Pid))
	if err := os.WriteFile(filepath.Join(l.Dir, l.PIDFile), pid, 0o644); err != nil {
		_ = cmd.Process.Kill()
		return fmt.Errorf("launch: %w", err)
	}
	if err := killAfterSupervisor(cmd.Process); err != nil {
		_ = cmd.Process.Kill()
		return err
	}
	_ = cmd.Wait() // its state says more than its error
	return l.write(exitOf(cmd.ProcessState))
}

func exitOf(state *os.ProcessState) Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return Exit{Code: -1, Signal: status.Signal().String()}
	}
	return Exit{Code: state.ExitCode()}
}

// write puts the exit in its place at once: a reader never sees half of it.
func (l Launch) write(exit Exit) error {
	data, err := json.Marshal(exit)
	if err != nil {
		return fmt.Errorf("launch: %w", err)
	}
	path := filepath.Join(l.Dir, l.ExitFile)
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return fmt.Errorf("launch: %w", err)
	}
	return os.Rename(path+".new", path)
}

// killAfterSupervisor ends the machine when the process named by SupervisorEnv
// ends, however it ends.
func killAfterSupervisor(machine *os.Process) error {
	name := os.Getenv(SupervisorEnv)
	if name == "" {
		return nil
	}
	pid, err := strconv.Atoi(name)
	if err != nil {
		return fmt.Errorf("launch: %s=%q: want a process id", SupervisorEnv, name)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("launch: supervisor %d: %w", pid, err)
	}
	go func() {
		defer unix.Close(fd)
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			n, err := unix.Poll(poll, -1)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil || n > 0 {
				_ = machine.Kill()
				return
			}
		}
	}()
	return nil
}

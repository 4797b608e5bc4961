package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// patience is what a command gets to end after it was asked to.
const patience = 10 * time.Second

// inside runs the command that was given, with CROFT_SANDBOX naming the
// sandbox's directory: that is how tests get a sandbox of their own.
func (r *Run) inside(ctx context.Context) error {
	args := r.Command
	if args[0] == "--" {
		args = args[1:]
	}
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Env = append(os.Environ(), "CROFT_SANDBOX="+r.Dir)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = patience
	// Not even a supervisor that is killed leaves it behind. The kernel looks at the thread that forks, not at the process:
	// https://go.dev/issue/27505.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return nil
}

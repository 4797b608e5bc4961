package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// orphaned is what a guard hears when the program that it works for is gone. A request to end is another signal, because
// what nobody waits for any more needs no time to end well.
const orphaned = syscall.SIGHUP

// Attend runs a program in the foreground and returns when it has ended, with everything that it has started: not even
// what is killed itself leaves any of it behind. A guard stands between the two, which is this program's own file in
// another role: guard are the arguments, and env the variables, with which it calls Guard.
func Attend(ctx context.Context, guard, program, env []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program's file: %w", err)
	}
	command := exec.CommandContext(ctx, self, append(guard, program...)...)
	command.Env = append(os.Environ(), env...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	// The kernel looks at the thread that forks, not at the process: https://go.dev/issue/27505.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: orphaned}
	return command.Run()
}

// Guard runs a program to its end, and then ends what the program has started and left: go test, for one, dies of a
// signal that its test binaries never hear of. Asked to end, it asks all of them and after a grace makes them.
func Guard(program []string, grace time.Duration) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt, orphaned)
	defer signal.Stop(signals)
	// Whoever loses his parent becomes a child of the guard, which so finds everybody, whatever group they moved to.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become the parent of orphans: %w", err)
	}
	command := exec.Command(program[0], program[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return err
	}
	exit := make(chan error, 1)
	go func() { exit <- command.Wait() }()
	select {
	case err := <-exit:
		killAll()
		return err
	case asked := <-signals:
		if asked != orphaned {
			askAll(signals, grace)
		}
		killAll()
		return <-exit
	}
}

// askAll asks all descendants to end, and returns when they have, when their grace is over, or when nobody waits for them
// any more.
func askAll(signals <-chan os.Signal, grace time.Duration) {
	for _, pid := range descendants() {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
	over := time.After(grace)
	for len(descendants()) > 0 {
		select {
		case <-over:
			return
		case asked := <-signals:
			if asked == orphaned {
				return
			}
		case <-time.After(probeEvery):
		}
	}
}

// killAll makes all descendants end, those included that are born meanwhile.
func killAll() {
	for {
		left := descendants()
		if len(left) == 0 {
			return
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond) // the kernel takes a moment to bury them
	}
}

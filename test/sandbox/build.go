package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// lanes are the targets of the Makefile that make what a sandbox is made of, in
// the order in which it is needed: the hub's API server and Croft's programs,
// beside them the page, then what only sites need. Two lanes, because the page's
// builder has use for one core only.
var lanes = [][]string{
	{"kubernetes", "croft", "driver", "kubevirt", "cdi", "guests"},
	{"page"},
}

// builds are the parts that are made while the sandbox starts: whoever needs one
// waits for it alone.
type builds map[string]*made

// made is one part.
type made struct {
	ended chan struct{} // closed when it is there, or never will be
	err   error         // set before ended is closed
}

// newBuilds are builds that have not begun.
func newBuilds(lanes [][]string) builds {
	b := builds{}
	for _, lane := range lanes {
		for _, part := range lane {
			b[part] = &made{ended: make(chan struct{})}
		}
	}
	return b
}

// run makes every lane's parts one after the other. After a failure the rest of
// its lane fails too.
func (b builds) run(ctx context.Context, lanes [][]string, build func(context.Context, string) error) {
	for _, lane := range lanes {
		go func() {
			var failed error
			for _, part := range lane {
				if failed == nil {
					failed = build(ctx, part)
				}
				b[part].err = failed
				close(b[part].ended)
			}
		}()
	}
}

// need waits until parts are there. Who starts what is built already has no
// builds, and never waits.
func (b builds) need(ctx context.Context, parts ...string) error {
	if b == nil {
		return nil
	}
	for _, part := range parts {
		if err := await(ctx, b[part].ended); err != nil {
			return err
		}
		if err := b[part].err; err != nil {
			return fmt.Errorf("make %s: %w", part, err)
		}
	}
	return nil
}

// made starts the builds, if this run is to build.
func (s *sandbox) made(ctx context.Context) builds {
	if !s.Build {
		return nil
	}
	b := newBuilds(lanes)
	b.run(ctx, lanes, s.make)
	return b
}

// make makes one target and shows every line that it prints.
func (s *sandbox) make(ctx context.Context, target string) error {
	began := time.Now()
	command := exec.CommandContext(ctx, "make", "--no-print-directory", target)
	// The page's builder stands back by itself for who builds beside other work. Here it would wait for what comes after it.
	command.Env = append(os.Environ(), "CROFT_NICE=0")
	// Compilers of compilers: what is left of the group ends with it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	read, write := io.Pipe()
	command.Stdout, command.Stderr = write, write
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		lines := bufio.NewScanner(read)
		for lines.Scan() {
			s.progress.say("make", "%s: %s", target, lines.Text())
		}
		_, _ = io.Copy(io.Discard, read) // a line too long to show must not stop the builder
	}()
	err := command.Run()
	write.Close()
	<-shown
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return fmt.Errorf("%w; its last lines are above", err)
	}
	if err == nil {
		s.progress.say("make", "%s: there after %.0f s", target, time.Since(began).Seconds())
	}
	return err
}

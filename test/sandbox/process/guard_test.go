package process_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/sandbox/process"
)

// guard plays the guard of the program in the arguments.
func guard() {
	const grace = 100 * time.Millisecond
	end(process.Guard(os.Args[1:], grace))
}

// attend plays a sandbox that runs the program in the arguments.
func attend() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	end(process.Attend(ctx, nil, os.Args[1:], []string{roleVariable + "=guard"}))
}

func end(err error) {
	var exited *exec.ExitError
	if errors.As(err, &exited) && exited.ExitCode() > 0 {
		os.Exit(exited.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// TestNothingIsLeftOfWhatIsAttended has a program start another, as go test starts test binaries, and ends it in every way.
func TestNothingIsLeftOfWhatIsAttended(t *testing.T) {
	const goesOn, ends = "; wait", "; exit 7"
	cases := map[string]struct {
		reason string
		child  string
		then   string
		signal syscall.Signal
		status int
	}{
		"Killed":  {"nobody is asked to end when the sandbox is killed", "sleep 3600", goesOn, syscall.SIGKILL, -1},
		"Session": {"nor has who has left the group", "setsid sleep 3600", goesOn, syscall.SIGKILL, -1},
		"Asked":   {"the shell dies of the signal, and its child hears of it too", "sleep 3600", goesOn, syscall.SIGTERM, 1},
		"Deaf":    {"who does not hear is made to end", "sh -c 'trap \"\" TERM; while :; do sleep 3600; done'", goesOn, syscall.SIGTERM, 1},
		"Done":    {"a program that ends takes with it what it left, and its status stays", "sleep 3600", ends, 0, 7},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			sandbox, child := attended(t, tc.child+" >/dev/null 2>&1 & echo $!"+tc.then)
			if tc.signal != 0 {
				if err := sandbox.Process.Signal(tc.signal); err != nil {
					t.Fatal(err)
				}
			}
			_ = sandbox.Wait()
			if got := sandbox.ProcessState.ExitCode(); got != tc.status {
				t.Errorf("%s: the status is %d, want %d", tc.reason, got, tc.status)
			}
			within(t, "the end of the program's child: "+tc.reason, func() bool { return !running(child) })
		})
	}
}

// attended starts a sandbox with a shell in it, whose first line is the process that it has started.
func attended(t *testing.T, script string) (sandbox *exec.Cmd, child int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sandbox = exec.Command(self, "sh", "-c", script)
	sandbox.Env = append(os.Environ(), roleVariable+"=attend")
	sandbox.Stderr = os.Stderr
	out, err := sandbox.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sandbox.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if child, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	return sandbox, child
}

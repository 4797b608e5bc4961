package stage

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// Process answers one of the sandbox's processes, by its name.
func (s *Stage) Process(t testing.TB, name string) process.Status {
	t.Helper()
	now, err := state.Read(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range now.Processes {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("the sandbox has no process %s", name)
	return process.Status{}
}

// Kill kills one of the sandbox's processes, and answers which it was.
func (s *Stage) Kill(t testing.TB, name string) (pid int) {
	t.Helper()
	return s.signal(t, name, syscall.SIGKILL)
}

// Back waits until a process that was killed runs anew.
func (s *Stage) Back(t testing.TB, name string, killed int) {
	t.Helper()
	Eventually(t, name+" back", 2*time.Minute, func() error {
		if now := s.Process(t, name); now.PID == killed || now.State != process.Running {
			return fmt.Errorf("%+v", now)
		}
		return nil
	})
}

// Freeze stops processes without a word, as a broken link does, until the test ends or thaw is called.
func (s *Stage) Freeze(t testing.TB, names ...string) (thaw func()) {
	t.Helper()
	var pids []int
	thaw = func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT) // it may have been restarted
		}
	}
	t.Cleanup(thaw)
	for _, name := range names {
		pids = append(pids, s.signal(t, name, syscall.SIGSTOP))
	}
	return thaw
}

// signal waits for a process that has just ended by itself, because what it needs was killed.
func (s *Stage) signal(t testing.TB, name string, signal syscall.Signal) (pid int) {
	t.Helper()
	Eventually(t, name+" runs", time.Minute, func() error {
		now := s.Process(t, name)
		if now.State != process.Running {
			return fmt.Errorf("%+v", now)
		}
		pid = now.PID
		return syscall.Kill(pid, signal)
	})
	return pid
}

package process_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/sandbox/process"
)

// The test's own binary plays the children and, to be killed, a supervisor.
const roleVariable = "CROFT_PROCESS_TEST"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "sleep":
		time.Sleep(time.Hour)
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("deaf")
		time.Sleep(time.Hour)
	case "fail":
		fmt.Println("no reason to live")
		os.Exit(3)
	case "supervise":
		supervise()
	case "attend":
		attend()
	case "guard":
		guard()
	}
	os.Exit(m.Run())
}

// supervise runs one child and tells its process ID, until it is killed.
func supervise() {
	s := process.New(nil)
	if err := s.Start(context.Background(), child("kept", "sleep")); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.Status()[0].PID)
	time.Sleep(time.Hour)
}

func child(name, role string) process.Spec {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return process.Spec{Name: name, Path: self, Env: []string{roleVariable + "=" + role}}
}

func TestSupervisorRestartsWhatIsKilled(t *testing.T) {
	s := process.New(nil)
	t.Cleanup(s.Stop)
	if err := s.Start(t.Context(), child("web", "sleep")); err != nil {
		t.Fatal(err)
	}
	first := s.Status()[0]
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	within(t, "another life", func() bool {
		now := s.Status()[0]
		return now.State == process.Running && now.PID != first.PID && now.Restarts == 1
	})
	if got, want := s.Status()[0].LastExit, "signal: killed"; got != want {
		t.Errorf("last exit is %q, want %q", got, want)
	}
}

func TestSupervisorStopsInReverse(t *testing.T) {
	var order []string
	s := process.New(func(now process.Status) {
		if now.State == process.Stopped {
			order = append(order, now.Name) // one stage at a time: no race
		}
	})
	for stage, name := range []string{"store", "server", "page"} {
		spec := child(name, "sleep")
		spec.Stage = stage
		if err := s.Start(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
	pids := pidsOf(s)
	s.Stop()
	if got, want := strings.Join(order, " "), "page server store"; got != want {
		t.Errorf("stopped %q, want %q", got, want)
	}
	for _, pid := range pids {
		if running(pid) {
			t.Errorf("process %d is left", pid)
		}
	}
	if err := s.Start(t.Context(), child("late", "sleep")); err == nil {
		t.Error("a program started after the stop")
	}
}

func TestSupervisorKillsTheDeaf(t *testing.T) {
	s := process.New(nil)
	spec := child("deaf", "deaf")
	spec.Grace = 50 * time.Millisecond
	spec.Log = filepath.Join(t.TempDir(), "deaf.log")
	spec.Ready = func(context.Context) error {
		text, err := os.ReadFile(spec.Log)
		if err == nil && !strings.Contains(string(text), "deaf") {
			err = errors.New("it still hears")
		}
		return err
	}
	if err := s.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	pid := s.Status()[0].PID
	s.Stop()
	if running(pid) {
		t.Errorf("process %d is left", pid)
	}
}

func TestSupervisorStartFails(t *testing.T) {
	missing := child("missing", "sleep")
	missing.Path = "/nowhere/program"
	failing := child("failing", "fail")
	failing.Patience = 2
	failing.Log = filepath.Join(t.TempDir(), "failing.log")
	failing.Ready = func(context.Context) error { return errors.New("never") }
	silent := child("silent", "sleep")
	silent.Ready = failing.Ready

	cases := map[string]struct {
		reason string
		spec   process.Spec
		want   string
	}{
		"Missing": {reason: "No retry makes a missing program appear.", spec: missing, want: "no such file"},
		"Failing": {reason: "One that always exits fails with its last words.", spec: failing, want: "no reason to live"},
		"Silent":  {reason: "One that never answers fails when the caller's time is over.", spec: silent, want: "no answer yet"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := process.New(nil)
			defer s.Stop()
			limit := time.Minute
			if name == "Silent" {
				limit = 200 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			err := s.Start(ctx, tc.spec)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s\nStart: got error %v, want one with %q", tc.reason, err, tc.want)
			}
			if left := s.Status(); len(left) != 0 {
				t.Errorf("%s\nstill supervised: %v", tc.reason, left)
			}
		})
	}
}

func TestSupervisorOnce(t *testing.T) {
	s := process.New(nil)
	defer s.Stop()
	spec := child("installer", "fail")
	spec.Log = filepath.Join(t.TempDir(), "installer.log")
	if err := s.Once(t.Context(), spec); err == nil || !strings.Contains(err.Error(), "no reason to live") {
		t.Errorf("Once of a failing program: got %v, want its last words", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Once(ctx, child("slow", "sleep")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Once of a slow program: got %v, want the end of the context", err)
	}
}

func TestChildDiesWithKilledSupervisor(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"=supervise")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 32)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
	if err != nil {
		t.Fatalf("the supervisor says %q", line[:n])
	}
	if !running(pid) {
		t.Fatalf("child %d does not run", pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"
	within(t, "the child's end", func() bool { return !running(pid) })
}

func pidsOf(s *process.Supervisor) []int {
	var pids []int
	for _, status := range s.Status() {
		pids = append(pids, status.PID)
	}
	return pids
}

// running says whether a process runs; one that waits to be reaped does not.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

// within waits for a condition with a deadline.
func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestSupervisorTellsOfAWait holds what a person sees of a program that neither answers nor ends.
func TestSupervisorTellsOfAWait(t *testing.T) {
	told := make(chan string, 1)
	s := process.New(func(now process.Status) {
		if now.State == process.Starting && now.Waiting != "" {
			select {
			case told <- now.Waiting:
			default:
			}
		}
	})
	t.Cleanup(s.Stop)
	var answers atomic.Bool
	spec := child("mute", "sleep")
	spec.LongWait = time.Millisecond
	spec.Ready = func(context.Context) error {
		if answers.Load() {
			return nil
		}
		return errors.New("connection refused")
	}
	started := make(chan error, 1)
	go func() { started <- s.Start(t.Context(), spec) }()
	select {
	case got := <-told:
		if got != "connection refused" {
			t.Errorf("what the probe said is %q", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("nobody was told")
	}
	answers.Store(true)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	if now := s.Status()[0]; now.State != process.Running || now.Waiting != "" {
		t.Errorf("a program that answers waits for nothing, got %+v", now)
	}
}

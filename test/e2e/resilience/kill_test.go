// Package resilience kills each process of the sandbox in turn, and looks
// whether anybody lost anything.
package resilience

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// name is the simulated machine of each site, guest the real one of site-2.
const (
	name  = "survivor"
	guest = "survivor-guest"
)

// boot tells one life of a guest from another.
const boot = "cat /proc/sys/kernel/random/boot_id"

// TestKillEachProcess kills every process once. Each comes back, the page
// answers, the machine of each site is still there and running, and a real
// guest lives through it all.
func TestKillEachProcess(t *testing.T) {
	s := stage.Open(t)
	machines := map[string]string{}
	for _, site := range []string{"site-1", "site-2"} {
		id := s.Site(t, site)
		s.Admin.MakeMachine(t, id, stage.Diskless("default", name))
		s.WaitState(t, id, "default", name, "Running", 2*time.Minute)
		machines[site] = id
	}
	key := stage.NewKey(t)
	home := machines["site-2"]
	s.Admin.MakeMachine(t, home, stage.Guest("default", guest, s.TinyImage(t, home), key))
	address := s.WaitState(t, home, "default", guest, "Running", 3*time.Minute).Addresses[0]
	life := key.Run(t, address, boot)

	for _, one := range processes(t, s) {
		t.Run(one.Name, func(t *testing.T) {
			pid := kill(t, s, one.Name)
			stage.Eventually(t, one.Name+" back", 2*time.Minute, func() error {
				if now := find(t, s, one.Name); now.PID == pid || now.State != process.Running {
					return fmt.Errorf("%+v", now)
				}
				return nil
			})
			for _, id := range machines {
				s.WaitState(t, id, "default", name, "Running", 2*time.Minute)
			}
			s.WaitState(t, home, "default", guest, "Running", 2*time.Minute)
			page(t, s)
		})
	}

	if now := key.Run(t, address, boot); now != life {
		t.Errorf("the guest was booted anew: %s, before %s", now, life)
	}
	for site, id := range machines {
		s.Site(t, site)
		code, answer := s.Admin.Act(t, id, "default", name, "stop", nil)
		if code != 204 {
			t.Errorf("%s: stop after all: %d %s", site, code, answer)
		}
		s.WaitState(t, id, "default", name, "Stopped", 2*time.Minute)
	}
}

// kill kills a process by name, and answers which it was. One that has just
// ended by itself, because what it needs was killed, is waited for.
func kill(t *testing.T, s *stage.Stage, name string) int {
	t.Helper()
	var pid int
	stage.Eventually(t, name+" to kill", time.Minute, func() error {
		if pid = find(t, s, name).PID; pid == 0 {
			return errors.New("it does not run")
		}
		return syscall.Kill(pid, syscall.SIGKILL)
	})
	return pid
}

// find answers the process of a name.
func find(t *testing.T, s *stage.Stage, name string) process.Status {
	t.Helper()
	for _, p := range processes(t, s) {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("the sandbox has no process %s", name)
	return process.Status{}
}

func page(t *testing.T, s *stage.Stage) {
	t.Helper()
	stage.Eventually(t, "the page", time.Minute, func() error {
		code, _, err := s.Admin.Try("GET", "/dashboard/", nil)
		if err != nil {
			return err
		}
		if code != 200 {
			return fmt.Errorf("status %d", code)
		}
		return nil
	})
}

func processes(t *testing.T, s *stage.Stage) []process.Status {
	t.Helper()
	now, err := state.Read(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(now.Processes)
}

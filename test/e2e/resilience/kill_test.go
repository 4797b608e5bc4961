// Package resilience kills each process of the sandbox in turn, and looks
// whether anybody lost anything.
package resilience

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

const name = "survivor"

// TestKillEachProcess kills every process once. Each comes back, the page
// answers, and the machine of each site is still there and running.
func TestKillEachProcess(t *testing.T) {
	s := stage.Open(t)
	machines := map[string]string{}
	for _, site := range []string{"site-1", "site-2"} {
		id := s.Site(t, site)
		s.Admin.MakeMachine(t, id, stage.Diskless("default", name))
		s.WaitState(t, id, "default", name, "Running", 2*time.Minute)
		machines[site] = id
	}
	for _, before := range processes(t, s) {
		t.Run(before.Name, func(t *testing.T) {
			if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
				t.Fatalf("kill %s (%d): %v", before.Name, before.PID, err)
			}
			stage.Eventually(t, before.Name+" back", 2*time.Minute, func() error {
				for _, now := range processes(t, s) {
					if now.Name == before.Name && now.PID != before.PID && now.State == process.Running {
						return nil
					}
				}
				return fmt.Errorf("processes: %+v", processes(t, s))
			})
			for _, id := range machines {
				s.WaitState(t, id, "default", name, "Running", 2*time.Minute)
			}
			page(t, s)
		})
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

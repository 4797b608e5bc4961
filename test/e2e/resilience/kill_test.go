// Package resilience kills each process of the sandbox in turn, and looks
// whether anybody lost anything.
package resilience

import (
	"fmt"
	"slices"
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
	address := s.Address(t, home, "default", guest)
	life := key.Run(t, address, boot)

	for _, one := range processes(t, s) {
		t.Run(one.Name, func(t *testing.T) {
			s.Back(t, one.Name, s.Kill(t, one.Name))
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
		s.Do(t, id, "default", name, "stop", nil)
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

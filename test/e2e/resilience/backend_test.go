package resilience

import (
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestASiteWithoutItsBackend stops what serves the Harvester API of a site, whose Kubernetes the hub hears all the same: its
// machines are shown and are fresh, what needs the backend says so, and when it is there again an open page is whole again.
func TestASiteWithoutItsBackend(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "no-backend"
	s.Admin.MakeMachine(t, id, stage.Diskless("default", name))
	t.Cleanup(func() { s.Remove(t, id, "default", name) })
	s.WaitState(t, id, "default", name, "Running", 2*time.Minute)

	thaw := s.Freeze(t, "site-1/croft-serve")

	page := s.Open(t, map[string]string{"CROFT_SITE_ID": id, "CROFT_NAME": name}, "backend.mjs")
	var list struct {
		Entries []struct {
			Entry, Reason string
			Enabled       bool
		}
		Stale int
	}
	page.Sees(t, &list)
	if list.Stale != 0 || len(list.Entries) == 0 {
		t.Errorf("the list has %d stale rows and the menu %d entries", list.Stale, len(list.Entries))
	}
	for _, entry := range list.Entries {
		if entry.Enabled || !strings.Contains(entry.Reason, "backend") {
			t.Errorf("%s: enabled %t, because %q", entry.Entry, entry.Enabled, entry.Reason)
		}
	}
	page.GoOn(t)

	var machine struct{ Said, Known string }
	page.Sees(t, &machine)
	if !strings.Contains(machine.Said, "backend") || !strings.Contains(machine.Known, "Running") {
		t.Errorf("the machine's page says %q and knows %q", machine.Said, machine.Known)
	}
	thaw()
	page.GoOn(t)
	var again struct{ Whole bool }
	page.Sees(t, &again)
	if !again.Whole {
		t.Error("the page is not whole again")
	}
	page.GoOn(t)
}

package virtualmachine

import (
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// entry is an entry of a machine's menu as the page shows it.
type entry struct {
	Entry, Reason string
	Enabled       bool
}

// TestAPageOfASiteThatIsAway keeps a list open while a site's ways to the hub
// are stopped without a word. The row stays with its age, nothing can be chosen
// and nothing hangs, and the same page goes on when the site is back.
func TestAPageOfASiteThatIsAway(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "stays-away"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)
	page := s.Open(t, map[string]string{"CROFT_NAME": name}, "stay.mjs", "away")
	page.Sees(t, &struct{}{})

	thaw := s.Freeze(t, "site-1/cattle-cluster-agent", "site-1/croft-serve")
	page.GoOn(t)
	var away struct {
		Notice, Heard string
		Entries       []entry
		MenuTook      int
	}
	page.Sees(t, &away)
	if !strings.Contains(away.Notice, "site-1") || !strings.Contains(away.Heard, "ago") {
		t.Errorf("the notice %q, the row %q", away.Notice, away.Heard)
	}
	if len(away.Entries) == 0 {
		t.Error("the menu has no entries")
	}
	for _, e := range away.Entries {
		if e.Enabled || !strings.Contains(e.Reason, "away") {
			t.Errorf("%s: enabled %v, reason %q", e.Entry, e.Enabled, e.Reason)
		}
	}
	if away.MenuTook > 20_000 { // to ask a site that is away takes longer
		t.Errorf("the menu took %d ms", away.MenuTook)
	}

	thaw()
	page.GoOn(t)
	var back struct{ Marked bool }
	page.Sees(t, &back)
	if !back.Marked {
		t.Error("the page was loaded again")
	}
	page.GoOn(t)
}

// TestAPageWhoseHubIsKilled keeps a list open while the hub's croft-fleet is
// killed. The page goes on by itself, and shows what changes later.
func TestAPageWhoseHubIsKilled(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name, hub = "stays-on", "hub/croft-fleet"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)
	page := s.Open(t, map[string]string{"CROFT_NAME": name}, "stay.mjs", "hub")
	page.Sees(t, &struct{}{})

	s.Back(t, hub, s.Kill(t, hub))
	for _, step := range []struct{ action, state string }{{"pause", "Paused"}, {"unpause", "Running"}} {
		s.Do(t, id, namespace, name, step.action, nil)
		s.WaitState(t, id, namespace, name, step.state, time.Minute)
		page.GoOn(t)
		var seen struct{ Marked bool }
		page.Sees(t, &seen)
		if !seen.Marked {
			t.Errorf("after %s the page was loaded again", step.action)
		}
	}
	page.GoOn(t)
}

package virtualmachine

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/sandbox/process"
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

	ways := []string{"site-1/cattle-cluster-agent", "site-1/croft-serve"}
	for _, way := range ways {
		pid := s.Process(t, way).PID
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatalf("stop %s: %v", way, err)
		}
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) }) // it may have been restarted
	}
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
	if away.MenuTook > 5000 {
		t.Errorf("the menu took %d ms", away.MenuTook)
	}

	for _, way := range ways {
		if err := syscall.Kill(s.Process(t, way).PID, syscall.SIGCONT); err != nil {
			t.Fatalf("continue %s: %v", way, err)
		}
	}
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

	pid := s.Process(t, hub).PID
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %s: %v", hub, err)
	}
	stage.Eventually(t, hub+" back", 2*time.Minute, func() error {
		if now := s.Process(t, hub); now.PID == pid || now.State != process.Running {
			return fmt.Errorf("%+v", now)
		}
		return nil
	})
	for _, step := range []struct{ action, state string }{{"pause", "Paused"}, {"unpause", "Running"}} {
		stage.Eventually(t, step.action, 2*time.Minute, func() error {
			code, answer, err := s.Admin.Try("POST", stage.MachinePath(id, namespace, name)+"?action="+step.action, map[string]any{})
			if err != nil {
				return err
			}
			if code != http.StatusNoContent {
				return fmt.Errorf("%d %s", code, answer)
			}
			return nil
		})
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

package virtualmachine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestTwoPeopleAtOneConsole opens a console in two windows. KubeVirt gives it
// to one at a time: the other says so and waits, until it is asked to take it
// back.
func TestTwoPeopleAtOneConsole(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "shared"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)
	var seen struct{ Taken string }
	s.Browse(t, &seen, map[string]string{"CROFT_SITE": id, "CROFT_NAMESPACE": namespace, "CROFT_NAME": name}, "console.mjs", "shared")
	if !strings.Contains(seen.Taken, "somebody else") {
		t.Errorf("the first window says %q", seen.Taken)
	}
}

// TestAConsoleMoves moves a machine while its console is open: the console
// follows it, because nobody has taken it.
func TestAConsoleMoves(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "moves"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	before := s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)
	console := s.Open(t, map[string]string{"CROFT_SITE": id, "CROFT_NAMESPACE": namespace, "CROFT_NAME": name}, "console.mjs", "moved")
	console.Sees(t, &struct{}{})

	s.Do(t, id, namespace, name, "migrate", nil)
	stage.Eventually(t, name+" on another node", 2*time.Minute, func() error {
		if now := s.WaitState(t, id, namespace, name, "Running", time.Minute); now.Node == before.Node {
			return fmt.Errorf("it is on %s", now.Node)
		}
		return nil
	})
	console.GoOn(t)
	console.Sees(t, &struct{}{})
	console.GoOn(t)
}

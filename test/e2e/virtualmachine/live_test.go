package virtualmachine

import (
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestRowsAreLive pauses a machine while its list is open: the hub tells of the row itself, and the page shows it without
// being loaded again.
func TestRowsAreLive(t *testing.T) {
	s := stage.Open(t)
	const name = "live"
	id := s.Site(t, site)
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	t.Cleanup(func() { s.Remove(t, id, namespace, name) })
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)

	w := s.Open(t, map[string]string{"CROFT_NAME": name}, "live.mjs")
	w.Sees(t, &struct{}{})
	s.Do(t, id, namespace, name, "pause", nil)
	w.GoOn(t)
	var seen struct {
		Marked bool
		Told   int
	}
	w.Sees(t, &seen)
	if !seen.Marked || seen.Told == 0 {
		t.Errorf("the page saw %+v", seen)
	}
}

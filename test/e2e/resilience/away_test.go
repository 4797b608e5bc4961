package resilience

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestASiteAway stops a site's ways to the hub without a word, as a broken link
// does. Its rows stay and say how old they are, what is asked of it is refused
// at once with a sentence, and the other site goes on.
func TestASiteAway(t *testing.T) {
	s := stage.Open(t)
	away, near := s.Site(t, "site-1"), s.Site(t, "site-2")
	const name = "faraway"
	s.Admin.MakeMachine(t, away, stage.Diskless("default", name))
	before := s.WaitState(t, away, "default", name, "Running", 2*time.Minute)

	thaw := s.Freeze(t, "site-1/cattle-cluster-agent", "site-1/croft-serve")

	stage.Eventually(t, "its row is stale", 3*time.Minute, func() error {
		for _, row := range s.Admin.Rows(t, "?pagesize=1000") {
			if row.ID == before.ID && row.Stale && row.State == before.State {
				return nil
			}
		}
		return fmt.Errorf("it is not stale: %s", before.ID)
	})
	began := time.Now()
	answer := s.Admin.Refused(t, http.StatusServiceUnavailable, "POST", stage.MachinePath(away, "default", name)+"?action=stop", map[string]any{})
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the refusal took %v", took)
	}
	if !strings.Contains(answer, "message") {
		t.Errorf("the refusal has no sentence: %s", answer)
	}
	s.Admin.Must(t, "GET", stage.OfSite(near, "kubevirt.io.virtualmachines"), nil, nil)

	thaw()
	stage.Eventually(t, "its row is fresh", 3*time.Minute, func() error {
		for _, row := range s.Admin.Rows(t, "?pagesize=1000") {
			if row.ID == before.ID && !row.Stale {
				return nil
			}
		}
		return fmt.Errorf("it is stale: %s", before.ID)
	})
	s.Do(t, away, "default", name, "stop", nil)
	s.WaitState(t, away, "default", name, "Stopped", 2*time.Minute)
	s.Remove(t, away, "default", name)
}

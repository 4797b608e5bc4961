package bulkoperation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// onThePage is what the page says of a bulk operation.
type onThePage struct {
	Chosen             string
	Allowed, Succeeded int
	Cancellable        bool
	Seconds            float64
}

// TestOnThePage chooses all machines that match, of both sites, sees what the sites would do, and has them restarted in
// waves: all on the page.
func TestOnThePage(t *testing.T) {
	s := stage.Open(t)
	restartOnThePage(t, s, stock(t, s, "bulk-page", "site-1", "site-2"), 2, "4")
}

// TestTwoHundredOnThePage does the same with two hundred machines, in waves of twenty.
func TestTwoHundredOnThePage(t *testing.T) {
	s := stage.Open(t)
	t.Setenv(machinesEach, "100")
	all := stock(t, s, "bulk-wave", "site-1", "site-2")
	began := lifeOf(t, s, all)
	seen := restartOnThePage(t, s, all, 20, "7")
	t.Logf("%d machines of two sites were restarted in waves of 20 within %.0f s", len(all), seen.Seconds)
	for _, m := range all {
		s.WaitState(t, m.site, "default", m.name, "Running", 2*time.Minute)
	}
	for m, now := range lifeOf(t, s, all) {
		if now == began[m] {
			t.Errorf("%s of %s lives its first life", m.name, m.siteName)
		}
	}
}

// lifeOf answers which life each machine lives: the UID of its instance.
func lifeOf(t *testing.T, s *stage.Stage, all []machine) map[machine]string {
	t.Helper()
	lives := map[machine]string{}
	for _, m := range all {
		var instance struct{ Metadata struct{ UID string } }
		s.Admin.Must(t, "GET", stage.OfSite(m.site, "kubevirt.io.virtualmachineinstances/default/"+m.name), nil, &instance)
		lives[m] = instance.Metadata.UID
	}
	return lives
}

// restartOnThePage restarts machines whose names begin alike, and holds that the page says of each what became of it.
func restartOnThePage(t *testing.T, s *stage.Stage, all []machine, wave int, shots string) onThePage {
	t.Helper()
	prefix := all[0].name[:strings.LastIndex(all[0].name, "-0-")]
	var seen onThePage
	s.Browse(t, &seen, map[string]string{
		"CROFT_PREFIX": prefix, "CROFT_COUNT": fmt.Sprint(len(all)), "CROFT_WAVE": fmt.Sprint(wave), "CROFT_SHOTS": shots,
	}, "bulk.mjs")
	if !strings.HasPrefix(seen.Chosen, fmt.Sprint(len(all))) {
		t.Errorf("the page says that %q are chosen, and there are %d", seen.Chosen, len(all))
	}
	if seen.Allowed != len(all) || seen.Succeeded != len(all) {
		t.Errorf("of %d the dry run allowed %d, and %d were restarted", len(all), seen.Allowed, seen.Succeeded)
	}
	if seen.Cancellable {
		t.Error("an operation that has ended can be cancelled")
	}
	return seen
}

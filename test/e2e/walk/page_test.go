package walk

import (
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

// aMinute is how long a new user may wait for his first machine, in seconds.
const aMinute = 60

// TestANewUser logs in, looks at all sites, has an image fetched and a machine made at the second site, and goes to its
// shell: with the mouse, in a browser that was never there before, in under a minute.
func TestANewUser(t *testing.T) {
	s := stage.Open(t)
	const far, name = "site-2", "newcomer"
	id := s.Site(t, far)
	var seen struct {
		After map[string]float64
		Said  string
	}
	s.Browse(t, &seen, map[string]string{"CROFT_SITE": far, "CROFT_IMAGE_URL": s.Images + "/" + stage.Tiny, "CROFT_NAME": name}, "newcomer.mjs")
	t.Cleanup(func() { s.Remove(t, id, "default", name) })
	for _, what := range []string{"overview", "image", "made", "running", "booted"} {
		t.Logf("%-8s after %4.1f s", what, seen.After[what])
	}
	if seen.Said != name {
		t.Errorf("the guest calls itself %q", seen.Said)
	}
	if took := seen.After["booted"]; took == 0 || took > aMinute {
		t.Errorf("from the login to a booted machine it took %.1f s", took)
	}
}

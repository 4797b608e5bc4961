package bulkoperation

import (
	"fmt"
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

// TestOnThePage chooses all machines that match, of both sites, sees what the sites would do, and has them restarted in
// waves: all on the page.
func TestOnThePage(t *testing.T) {
	s := stage.Open(t)
	all := stock(t, s, "bulk-page", "site-1", "site-2")
	var seen struct {
		Chosen             string
		Allowed, Succeeded int
		Cancellable        bool
	}
	s.Browse(t, &seen, map[string]string{"CROFT_PREFIX": "bulk-page", "CROFT_COUNT": fmt.Sprint(len(all))}, "bulk.mjs")
	if !strings.HasPrefix(seen.Chosen, fmt.Sprint(len(all))) {
		t.Errorf("the page says that %q are chosen, and there are %d", seen.Chosen, len(all))
	}
	if seen.Allowed != len(all) || seen.Succeeded != len(all) {
		t.Errorf("of %d the dry run allowed %d, and %d were restarted", len(all), seen.Allowed, seen.Succeeded)
	}
	if seen.Cancellable {
		t.Error("an operation that has ended can be cancelled")
	}
}

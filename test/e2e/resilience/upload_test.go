package resilience

import (
	"path/filepath"
	"strings"
	"testing"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

// TestAnUploadThatBreaksOff kills the hub while a browser sends a file through it: the page says how far it was, and sends the
// same file again, which nobody has to choose once more.
func TestAnUploadThatBreaksOff(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	page := s.Open(t, map[string]string{
		"CROFT_SITE_ID": id, "CROFT_NAME": "sent-twice",
		"CROFT_FILE": filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny),
	}, "change.mjs", "lost")
	var onItsWay struct{}
	page.Sees(t, &onItsWay)
	s.Kill(t, "hub/croft-fleet")
	page.GoOn(t)

	var lost struct{ Refusal, Again string }
	page.Sees(t, &lost)
	if !strings.Contains(lost.Refusal, "%") || lost.Again != "Send again" {
		t.Errorf("the page says %+v", lost)
	}
	s.Site(t, "site-1")
	page.GoOn(t)

	var there struct{ Rows int }
	page.Sees(t, &there)
	if there.Rows != 1 {
		t.Errorf("the page shows %d images of the name", there.Rows)
	}
	page.GoOn(t)
}

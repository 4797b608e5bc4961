package image

import (
	"path/filepath"
	"strings"
	"testing"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

// TestUploadOnThePage sends a file from the browser, until it is an image of the site.
func TestUploadOnThePage(t *testing.T) {
	s := stage.Open(t)
	var said struct{ Refusal string }
	s.Browse(t, &said, map[string]string{
		"CROFT_SITE_ID": s.Site(t, "site-1"), "CROFT_NAME": "sent-by-hand",
		"CROFT_FILE": filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny),
	}, "change.mjs", "upload")
}

// TestAnUploadThatBreaksOff loses the browser's connection while a file is on its way: the page says how far it was, and sends
// the same file again, which nobody has to choose once more.
func TestAnUploadThatBreaksOff(t *testing.T) {
	s := stage.Open(t)
	var said struct {
		Refusal, Again string
		Rows           int
	}
	s.Browse(t, &said, map[string]string{
		"CROFT_SITE_ID": s.Site(t, "site-1"), "CROFT_NAME": "sent-twice",
		"CROFT_FILE": filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny),
	}, "change.mjs", "lost")
	if !strings.Contains(said.Refusal, "%") || said.Again != "Send again" || said.Rows != 1 {
		t.Errorf("the page says %+v", said)
	}
}

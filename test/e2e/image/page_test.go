package image

import (
	"path/filepath"
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

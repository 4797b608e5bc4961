package setting

import (
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

// TestASettingOnThePage sets what the site refuses, looks for the refusal beside the input, and sets what it takes.
func TestASettingOnThePage(t *testing.T) {
	s := stage.Open(t)
	var said struct{ At, Refusal string }
	s.Browse(t, &said, map[string]string{
		"CROFT_SITE_ID": s.Site(t, "site-1"), "CROFT_NAME": "support-bundle-timeout", "CROFT_VALUE": "soon", "CROFT_GOOD": "12",
	}, "change.mjs", "setting")
	if said.At != "croft-refusal-value" || said.Refusal == "" {
		t.Errorf("the refusal %q stands at %s", said.Refusal, said.At)
	}
}

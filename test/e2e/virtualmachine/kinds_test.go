package virtualmachine

import (
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

// TestTheListOfEveryKind opens the list of each kind at a site, which asks the site's Steve for a page, sorted.
func TestTheListOfEveryKind(t *testing.T) {
	s := stage.Open(t)
	pages := []string{"images", "volumes", "snapshots", "storageclasses", "keypairs", "cloudconfigs", "nodes", "settings"}
	said := map[string]string{}
	s.Browse(t, &said, map[string]string{
		"CROFT_SITE_ID": s.Site(t, "site-1"), "CROFT_PAGES": strings.Join(pages, ","),
	}, "kinds.mjs")
	for _, page := range pages {
		if failure, opened := said[page]; failure != "" || !opened {
			t.Errorf("%s: opened %v, and it says %q", page, opened, failure)
		}
	}
}

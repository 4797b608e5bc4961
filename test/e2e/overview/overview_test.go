// Package overview looks at the main pages as somebody does who opens them all.
package overview

import (
	"slices"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// pages are all that the menu lists, a list without rows, and the forms of a site and of a machine.
var pages = []string{
	"overview", "virtualmachines", "bulkoperations", "guestclusters", "sites", "nodes", "images", "volumes", "snapshots", "backups",
	"storageclasses", "networks", "loadbalancers", "templates", "keypairs", "cloudconfigs", "quotas", "credentials", "settings",
	"virtualmachines?q=nothing-is-called-so", "sites>croft-site-import", "virtualmachines/create>croft-form-rule-add>croft-form-credential-add",
}

// TestPagesAreForEverybody has axe look at the pages in a light and in a dark theme, with forms that are open, a machine's
// tabs, its console in a window, a site's page and a machine that is not there among them: it finds nothing wrong with them. It
// leaves pictures of each.
func TestPagesAreForEverybody(t *testing.T) {
	s := stage.Open(t)
	const name = "axe"
	id := s.Site(t, "site-1")
	s.Admin.MakeMachine(t, id, stage.Diskless("default", name))
	t.Cleanup(func() { s.Remove(t, id, "default", name) })
	s.WaitState(t, id, "default", name, "Running", 2*time.Minute)

	machine := machinePage(id, name)
	all := slices.Concat(pages, []string{
		machine, machine + "#metrics", machine + "#snapshots", machine + "#console", machine + "/edit", machinePage(id, "nobody"),
		"windows/" + id + "/default/" + name + "/console", "sites/" + id,
	})
	var found map[string][]string
	s.Browse(t, &found, map[string]string{"CROFT_PAGES": strings.Join(all, ",")}, "axe.mjs")
	if len(found) != 2*len(all) {
		t.Errorf("axe looked at %d pages, want %d", len(found), 2*len(all))
	}
	for page, violations := range found {
		for _, violation := range violations {
			t.Errorf("%s: %s", page, violation)
		}
	}
}

func machinePage(site, name string) string { return "virtualmachines/" + site + "/default/" + name }

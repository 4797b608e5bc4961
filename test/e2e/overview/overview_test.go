// Package overview looks at the main pages as somebody does who opens them all.
package overview

import (
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// pages are those that people open most.
var pages = []string{
	"overview", "virtualmachines", "bulkoperations", "sites", "nodes", "images", "volumes", "snapshots", "backups",
	"storageclasses", "networks", "loadbalancers", "templates",
}

// TestPagesAreForEverybody has axe look at the main pages in a light and in a dark theme: it finds nothing wrong with them.
func TestPagesAreForEverybody(t *testing.T) {
	s := stage.Open(t)
	const name = "axe"
	id := s.Site(t, "site-1")
	s.Admin.MakeMachine(t, id, stage.Diskless("default", name))
	t.Cleanup(func() { s.Remove(t, id, "default", name) })
	s.WaitState(t, id, "default", name, "Running", 2*time.Minute)

	var found map[string][]string
	s.Browse(t, &found, map[string]string{"CROFT_PAGES": strings.Join(pages, ",")}, "axe.mjs")
	if len(found) != 2*len(pages) {
		t.Errorf("axe looked at %d pages, want %d", len(found), 2*len(pages))
	}
	for page, violations := range found {
		for _, violation := range violations {
			t.Errorf("%s: %s", page, violation)
		}
	}
}

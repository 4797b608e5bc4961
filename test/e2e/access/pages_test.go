package access

import (
	"slices"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// entry is what a menu has for one thing to do.
type entry struct {
	Entry, Reason string
	Enabled       bool
}

// offered is what a page offers its reader: the names in its list, the menu of the first, and what stands there instead.
type offered struct {
	Names   []string
	Entries []entry
	Said    []string
}

// looked is what was seen on all pages, and whether a volume can be made at the site.
type looked struct {
	Pages  map[string]offered
	Making entry
}

// TestPagesByRight looks at the lists over all sites as a reader of one namespace, as its editor and as the administrator:
// each sees what is his, and of each entry of a menu that he may not choose it says why.
func TestPagesByRight(t *testing.T) {
	s := stage.Open(t)
	site := s.Site(t, "site-1")
	const pages = "volumes:volume,nodes:node,virtualmachines:vm"
	for name, who := range map[string]struct{ role, may, mayNot, makes, makesNot string }{
		"sees-only": {"read-only", "", "delete", "", "create"},
		"edits":     {"project-member", "delete", "", "create", ""},
	} {
		t.Run(who.role, func(t *testing.T) {
			user := member(t, s, site, name, who.role)
			s.Admin.Must(t, "POST", "/k8s/clusters/"+site+"/api/v1/namespaces/"+name+"/persistentvolumeclaims", claim("data-of-"+name), nil)
			s.Admin.MakeMachine(t, site, stage.Diskless(name, "of-"+name))
			s.WaitState(t, site, name, "of-"+name, "Running", 2*time.Minute)
			readable(t, user, "/v1/croft/volumes/"+site+"/"+name+"/data-of-"+name)
			listed(t, user, machine{site, name, "of-" + name})

			var all looked
			s.Browse(t, &all, map[string]string{"CROFT_USER": name, "CROFT_PASSWORD": password, "CROFT_PAGES": pages, "CROFT_SITE_ID": site}, "rights.mjs", who.role)
			seen := all.Pages
			for page, want := range map[string][]string{"volumes": {"data-of-" + name}, "virtualmachines": {"of-" + name}, "nodes": {}} {
				if !slices.Equal(seen[page].Names, want) {
					t.Errorf("%s shows %v, want %v", page, seen[page].Names, want)
				}
			}
			if len(seen["nodes"].Said) == 0 {
				t.Error("a list without rows says nothing")
			}
			checkEntries(t, seen["volumes"].Entries, who.may, who.mayNot)
			checkEntries(t, seen["virtualmachines"].Entries, who.may, who.mayNot)
			checkEntries(t, []entry{all.Making}, who.makes, who.makesNot)
		})
	}
	t.Run("admin", func(t *testing.T) {
		var seen looked
		s.Browse(t, &seen, map[string]string{"CROFT_PAGES": pages, "CROFT_SITE_ID": site}, "rights.mjs", "admin")
		checkEntries(t, []entry{seen.Making}, "create", "")
		for page, found := range seen.Pages {
			checkEntries(t, found.Entries, "", "")
			if len(found.Names) == 0 {
				t.Errorf("the administrator sees nothing on %s", page)
			}
		}
	})
}

// checkEntries holds that one entry can be chosen and another cannot, and that each that cannot says why.
func checkEntries(t *testing.T, entries []entry, may, mayNot string) {
	t.Helper()
	if len(entries) == 0 {
		t.Error("a menu has no entries")
	}
	for _, e := range entries {
		if !e.Enabled && e.Reason == "" {
			t.Errorf("%s is disabled and does not say why", e.Entry)
		}
		if e.Entry == may && !e.Enabled || e.Entry == mayNot && e.Enabled {
			t.Errorf("%s: enabled %v, %s", e.Entry, e.Enabled, e.Reason)
		}
	}
}

// claim is a small volume.
func claim(name string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"accessModes": []string{"ReadWriteOnce"}, "resources": map[string]any{"requests": map[string]any{"storage": "64Mi"}},
		},
	}
}

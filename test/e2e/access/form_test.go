package access

import (
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestWhoMakesAMachine opens the form of a machine as a namespace's editor, who makes one, and as its reader, who is told
// before and after he asks that he may not.
func TestWhoMakesAMachine(t *testing.T) {
	s := stage.Open(t)
	site := s.Site(t, "site-1")
	for name, tc := range map[string]struct {
		role, before, after string
		makes               bool
	}{
		"makes-machines": {role: "project-member", makes: true},
		"only-looks":     {role: "read-only", before: "You have no right to create one at this site.", after: "You have no right to create one at this site."},
	} {
		t.Run(tc.role, func(t *testing.T) {
			user := member(t, s, site, name, tc.role)
			stage.Eventually(t, "the site knows him", time.Minute, func() error {
				_, _, err := user.Try("GET", stage.OfSite(site, "kubevirt.io.virtualmachines"), nil)
				return err
			})
			var page struct {
				Made          bool
				Before, After string
			}
			s.Browse(t, &page, map[string]string{
				"CROFT_USER": name, "CROFT_PASSWORD": password, "CROFT_ID": site, "CROFT_NAMESPACE": name, "CROFT_NAME": name,
			}, "making.mjs", tc.role)
			if page.Made != tc.makes || page.Before != tc.before || page.After != tc.after {
				t.Errorf("the form says %+v", page)
			}
			if tc.makes {
				s.Remove(t, site, name, name)
			}
		})
	}
}

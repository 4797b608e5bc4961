package node

import (
	"slices"
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

// TestTheSiteTellsOfItself follows the links of a site, by which the page learns which machines can be made there: of
// which type, and with how many devices of its hosts, of which these have none.
func TestTheSiteTellsOfItself(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	local := stage.OfSite(id, "cluster/local")
	var self struct {
		ID    string
		Links map[string]string
	}
	s.Admin.Must(t, "GET", local, nil, &self)
	const types, devices = "machineTypes", "deviceCapacity"
	for _, link := range []string{types, devices} {
		if !strings.HasSuffix(self.Links[link], "/cluster/local?link="+link) {
			t.Errorf("%s leads to %q", link, self.Links[link])
		}
	}
	var known []string
	s.Admin.Must(t, "GET", local+"?link="+types, nil, &known)
	if !slices.Equal(known, []string{"q35"}) {
		t.Errorf("a machine can be of type %v", known)
	}
	free := map[string]int64{"unread": 1}
	s.Admin.Must(t, "GET", local+"?link="+devices, nil, &free)
	if delete(free, "unread"); len(free) > 0 {
		t.Errorf("the hosts have %v", free)
	}
	if answer := s.Admin.Refused(t, 422, "GET", local+"?link=weather", nil); !strings.Contains(answer, types) {
		t.Errorf("what there is is told: %s", answer)
	}
}

// Package setting tests the settings of a site as Harvester's clients read them.
package setting

import (
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

func TestServerVersion(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	var setting struct{ Value, Default string }
	s.Admin.Must(t, "GET", stage.OfSite(id, "harvesterhci.io.settings/server-version"), nil, &setting)
	if version := setting.Value + setting.Default; !strings.HasPrefix(version, "v1.") {
		t.Errorf("server-version is %q: Harvester's clients want v1.3 or later", version)
	}
	// The page of Rancher asks by the plain path.
	s.Admin.Must(t, "GET", "/k8s/clusters/"+id+"/v1/harvesterhci.io.settings/server-version", nil, &setting)
}

func TestList(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	var list struct{ Data []struct{ ID string } }
	s.Admin.Must(t, "GET", stage.OfSite(id, "harvesterhci.io.settings"), nil, &list)
	if len(list.Data) < 40 {
		t.Errorf("%d settings: Harvester's own list has more than 40", len(list.Data))
	}
	answer := s.Admin.Refused(t, 405, "DELETE", stage.OfSite(id, "harvesterhci.io.settings/server-version"), nil)
	if !strings.Contains(answer, "setting") {
		t.Errorf("the refusal to delete a setting says %s", answer)
	}
}

// Package quota_test tries on a real site what a namespace may have, and what happens when it has it all.
package quota_test

import (
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	site      = "site-1"
	namespace = "default"
)

// TestLimits sets limits over HTTP, and reads them with kubectl.
func TestLimits(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	of := stage.OfSite(id, "namespaces/"+namespace)
	limit := map[string]any{"totalSnapshotSizeQuota": "10Gi"}
	s.Admin.Must(t, "POST", of+"?action=updateResourceQuota", limit, nil)
	const path = "jsonpath={.spec.snapshotLimit.namespaceTotalSnapshotSizeQuota}"
	if got := s.Kubectl(t, site, "", "get", "hrq", "default-resource-quota", "-o", path); got != "10737418240" {
		t.Errorf("the limit is kept in bytes: %s", got)
	}
	limit["totalSnapshotSizeQuota"] = "much"
	if said := s.Admin.Refused(t, 422, "POST", of+"?action=updateResourceQuota", limit); !strings.Contains(said, "totalSnapshotSizeQuota") {
		t.Errorf("the field is named: %s", said)
	}
	s.Admin.Must(t, "POST", of+"?action=deleteResourceQuota", nil, nil)
	s.Kubectl(t, site, "", "delete", "hrq", "default-resource-quota")
}

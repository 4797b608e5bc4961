// Package quota_test tries on a real site what a namespace may have, and what happens when it has it all.
package quota_test

import (
	"errors"
	"strings"
	"testing"
	"time"

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

// TestNoRoomForSnapshots takes snapshots until there is no room, with kubectl and over HTTP, in a namespace where nobody
// else takes any.
func TestNoRoomForSnapshots(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	const namespace = "counted"
	s.Kubectl(t, site, "", "create", "namespace", namespace)
	volume := stage.VolumePath(id, namespace, "counted")
	s.Admin.MakeVolume(t, id, namespace, "counted", "", "64Mi")
	s.WaitVolume(t, volume, "Ready")
	s.Kubectl(t, site, `{"apiVersion": "harvesterhci.io/v1beta1", "kind": "ResourceQuota",
		"metadata": {"namespace": "counted", "name": "default-resource-quota"},
		"spec": {"snapshotLimit": {"namespaceTotalSnapshotSizeQuota": 67108864}}}`, "create", "-f", "-")
	s.DoAt(t, volume, "snapshot", map[string]any{"name": "counted-once"})
	first := stage.OfSite(id, "snapshot.storage.k8s.io.volumesnapshots/"+namespace+"/counted-once")
	s.WaitVolume(t, first, "Ready")
	const sentence = "The snapshots of namespace counted take 64Mi of the 64Mi that they may take"
	said := s.Admin.Refused(t, 403, "POST", volume+"?action=snapshot", map[string]any{"name": "counted-twice"})
	if !strings.Contains(said, sentence) {
		t.Errorf("a person hears what is in the way: %s", said)
	}
	said, err := s.TryKubectl(t, site, `{"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot",
		"metadata": {"namespace": "counted", "name": "counted-twice"},
		"spec": {"source": {"persistentVolumeClaimName": "counted"}}}`, "create", "-f", "-")
	if err == nil || !strings.Contains(said+err.Error(), sentence) {
		t.Errorf("kubectl says the same: %s %v", said, err)
	}
	stage.Eventually(t, "what is used is told", time.Minute, func() error {
		const path = "jsonpath={.status.snapshotLimitStatus.namespaceTotalSnapshotSizeUsage}"
		if got := s.Kubectl(t, site, "", "get", "hrq", "default-resource-quota", "-n", namespace, "-o", path); got != "67108864" {
			return errors.New(got)
		}
		return nil
	})
	for _, path := range []string{first, volume} {
		s.Delete(t, path)
	}
	s.Kubectl(t, site, "", "delete", "namespace", namespace)
}

// Package snapshot_test tries on a real site what snapshots refuse. That a restore has the bytes is followed with the
// volume's own tests.
package snapshot_test

import (
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	first     = "site-1"
	namespace = "default"
)

func TestASnapshotThatFails(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	volume := stage.VolumePath(id, namespace, "kept")
	s.Admin.MakeVolume(t, id, namespace, "kept", "", "64Mi")
	s.WaitVolume(t, volume, "Ready")
	snapshot := stage.OfSite(id, "snapshot.storage.k8s.io.volumesnapshots/"+namespace+"/kept-once")

	s.Kubectl(t, first, `{"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot",
		"metadata": {"namespace": "default", "name": "kept-once", "annotations": {"fault.site.crofthci.io/snapshot": "fail"}},
		"spec": {"source": {"persistentVolumeClaimName": "kept"}}}`, "create", "-f", "-")
	s.WaitVolume(t, snapshot, "Failed")
	restore := map[string]any{"name": "kept-again"}
	if said := s.Admin.Refused(t, 409, "POST", snapshot+"?action=restore", restore); !strings.Contains(said, "told to fail") {
		t.Errorf("the storage's words are told: %s", said)
	}
	s.Kubectl(t, first, "", "annotate", "volumesnapshot", "kept-once", "fault.site.crofthci.io/snapshot-")
	s.WaitVolume(t, snapshot, "Ready")
	restore["storageClassName"] = "nowhere"
	if said := s.Admin.Refused(t, 422, "POST", snapshot+"?action=restore", restore); !strings.Contains(said, "storageClassName") {
		t.Errorf("the field is named: %s", said)
	}
	delete(restore, "storageClassName")
	s.DoAt(t, snapshot, "restore", restore)
	s.WaitVolume(t, stage.VolumePath(id, namespace, "kept-again"), "Ready")
	for _, path := range []string{snapshot, stage.VolumePath(id, namespace, "kept-again"), volume} {
		s.Delete(t, path)
	}
}

package main

import (
	"net/http"
	"strings"
	"testing"

	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/kubevirt"
)

// TestSnapshotHolds asks for what KubeVirt lets nobody do while it takes a snapshot of a machine: it is refused before
// KubeVirt is asked, in one sentence, and is possible again afterwards.
func TestSnapshotHolds(t *testing.T) {
	m := halted(t, "copied", nil)
	m.Status.SnapshotInProgress = ptr.To("nightly")
	status(t, m)
	const sentence = "A snapshot of the machine is being taken."
	eventually(t, "start is not offered", func() bool {
		return ask(t, admin, http.MethodGet, machines+"copied", "").body.Unavailable["start"] == sentence
	})
	act(t, admin, "copied", "start", "", http.StatusConflict)
	read(t, m).Spec.RunStrategy = ptr.To(kubevirt.RunStrategyAlways)
	if err := site.admin.Update(t.Context(), m); err == nil || !strings.Contains(err.Error(), "snapshot") {
		t.Errorf("KubeVirt lets it be switched on: %v", err)
	}
	read(t, m).Status.SnapshotInProgress = nil
	status(t, m)
	eventually(t, "start is offered", func() bool {
		return ask(t, admin, http.MethodGet, machines+"copied", "").body.Actions["start"] != ""
	})
	act(t, admin, "copied", "start", "", http.StatusNoContent)
}

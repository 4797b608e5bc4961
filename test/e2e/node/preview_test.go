package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestMaintenanceOnThePage begins a node's maintenance in the list over all sites: its dialog names the machine that will
// move beforehand, and the list says when the node is empty.
func TestMaintenanceOnThePage(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	const name = "moves-as-foretold"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	t.Cleanup(func() { s.Remove(t, id, namespace, name) })
	before := s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)

	var seen struct{ Notes []string }
	s.Browse(t, &seen, map[string]string{"CROFT_NODE": before.Node}, "maintenance.mjs")
	if told := strings.Join(seen.Notes, " "); !strings.Contains(told, namespace+"/"+name) {
		t.Errorf("the dialog does not say that %s will move: %q", name, told)
	}
	stage.Eventually(t, name+" runs elsewhere", time.Minute, func() error {
		if after := s.WaitState(t, id, namespace, name, "Running", 2*time.Minute); after.Node == before.Node || after.Node == "" {
			return fmt.Errorf("it is on %q", after.Node)
		}
		return nil
	})
	waitState(t, s, id, before.Node, "active")
}

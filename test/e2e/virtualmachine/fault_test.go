package virtualmachine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	faults "crofthci.io/croft/test/site/site"
)

// first is the site of the tests that need no page.
const first = "site-1"

// TestAMoveThatFails lets a move fail while it runs. KubeVirt says so, and the
// machine goes on where it is.
func TestAMoveThatFails(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const name = "stays"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	before := s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)
	uid := s.Kubectl(t, first, "", "get", "vmi", name, "-o", "jsonpath={.metadata.uid}")
	end := s.Fault(t, first, faults.Fault{Name: faults.FaultMigration, Target: namespace + "/" + name, Value: "fail"})

	s.Do(t, id, namespace, name, "migrate", nil)
	stage.Eventually(t, "the migration Failed", time.Minute, func() error {
		phase := s.Kubectl(t, first, "", "get", "vmim", "-l", "kubevirt.io/vmi-name="+name, "-o", "jsonpath={.items[*].status.phase}")
		if phase != "Failed" {
			return fmt.Errorf("it is %q", phase)
		}
		return nil
	})
	why := s.Kubectl(t, first, "", "get", "vmi", name, "-o", "jsonpath={.status.migrationState.failureReason}")
	if !strings.Contains(why, "Live migration failed") {
		t.Errorf("the machine says of its move: %q", why)
	}
	after := s.WaitState(t, id, namespace, name, "Running", time.Minute)
	if now := s.Kubectl(t, first, "", "get", "vmi", name, "-o", "jsonpath={.metadata.uid}"); now != uid || after.Node != before.Node {
		t.Errorf("it was %s on %s, and is %s on %s", uid, before.Node, now, after.Node)
	}

	end()
	s.Do(t, id, namespace, name, "migrate", nil)
	stage.Eventually(t, "it has moved", time.Minute, func() error {
		if now := s.WaitState(t, id, namespace, name, "Running", time.Minute); now.Node == before.Node {
			return fmt.Errorf("it is on %s", now.Node)
		}
		return nil
	})
	s.Remove(t, id, namespace, name)
}

package node

import (
	"fmt"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// evicted is a machine that is moved when its node is to be empty, or is not.
func evicted(machine map[string]any, strategy string) map[string]any {
	spec := machine["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	spec["evictionStrategy"] = strategy
	return machine
}

// TestDrainTaint gives a node the taint by which KubeVirt empties it, as those do who know nothing of maintenance: the
// guest that is to be moved runs on elsewhere, and one that is not stays.
func TestDrainTaint(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	key := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, evicted(stage.Guest(namespace, "drained", s.TinyImage(t, id), key), "LiveMigrate"))
	address := s.Address(t, id, namespace, "drained")
	node := s.WaitState(t, id, namespace, "drained", "Running", time.Minute).Node
	const boot = "cat /proc/sys/kernel/random/boot_id"
	life := key.Run(t, address, boot)

	s.Admin.MakeMachine(t, id, evicted(bound(stage.Diskless(namespace, "kept"), node), "None"))
	s.WaitState(t, id, namespace, "kept", "Running", 2*time.Minute)

	s.Kubectl(t, site, "", "taint", "node", node, "kubevirt.io/drain=draining:NoSchedule")
	t.Cleanup(func() { _, _ = s.TryKubectl(t, site, "", "taint", "node", node, "kubevirt.io/drain-") }) // gone already when all is well

	stage.Eventually(t, "the guest runs elsewhere", 3*time.Minute, func() error {
		moved := s.WaitState(t, id, namespace, "drained", "Running", time.Minute)
		if moved.Node == node || len(moved.Addresses) == 0 {
			return fmt.Errorf("it is on %s at %v", moved.Node, moved.Addresses)
		}
		address = moved.Addresses[0]
		return nil
	})
	if now := key.Run(t, address, boot); now != life {
		t.Errorf("the guest has started anew: %s, not %s", now, life)
	}
	if on := s.WaitState(t, id, namespace, "kept", "Running", time.Minute).Node; on != node {
		t.Errorf("kept is on %s", on)
	}
	s.Kubectl(t, site, "", "taint", "node", node, "kubevirt.io/drain-")
	for _, name := range []string{"drained", "kept"} {
		s.Remove(t, id, namespace, name)
	}
}

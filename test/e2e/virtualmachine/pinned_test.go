package virtualmachine

import (
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestPinned starts a machine with processors of its own on the one node whose kubelet gives such away, as KubeVirt's labels
// say: the one that it goes by, and the older one that Harvester's clients know.
func TestPinned(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const node = first + "-node-2"
	label := func(value string) {
		s.Kubectl(t, first, "", "label", "node", node, "--overwrite", "cpumanager="+value, "kubevirt.io/cpumanager="+value)
	}
	label("true")
	t.Cleanup(func() { label("false") })
	machine := stage.Diskless(namespace, "pinned")
	_, domain := within(machine)
	domain["cpu"] = map[string]any{"cores": 2, "dedicatedCpuPlacement": true}
	domain["resources"] = map[string]any{"limits": map[string]any{"cpu": "2", "memory": "256Mi"}}
	s.Admin.MakeMachine(t, id, machine)
	if got := s.WaitState(t, id, namespace, "pinned", "Running", 2*time.Minute).Node; got != node {
		t.Errorf("it runs where processors are given away: %s", got)
	}
	s.Remove(t, id, namespace, "pinned")
}

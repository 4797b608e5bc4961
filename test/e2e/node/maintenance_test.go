// Package node tests what a site does with its nodes.
package node

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	site      = "site-1"
	namespace = "default"
)

// nodePath is a node's path through the hub.
func nodePath(id, node string) string { return stage.OfSite(id, "nodes/"+node) }

func act(t *testing.T, s *stage.Stage, id, node, action string, input map[string]any) {
	t.Helper()
	s.DoAt(t, nodePath(id, node), action, input)
}

func waitState(t *testing.T, s *stage.Stage, id, node, want string) {
	t.Helper()
	stage.Eventually(t, "node "+node+" is "+want, 3*time.Minute, func() error {
		var row struct {
			Metadata struct {
				State struct{ Name, Message string }
			}
		}
		s.Admin.Must(t, "GET", nodePath(id, node), nil, &row)
		if row.Metadata.State.Name != want {
			return fmt.Errorf("it is %+v", row.Metadata.State)
		}
		return nil
	})
}

// with is a machine with labels of its own.
func with(machine map[string]any, labels map[string]any) map[string]any {
	machine["metadata"].(map[string]any)["labels"] = labels
	return machine
}

// bound is a machine that runs on a node and no other.
func bound(machine map[string]any, node string) map[string]any {
	spec := machine["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	spec["nodeSelector"] = map[string]any{"kubernetes.io/hostname": node}
	return machine
}

// drawn is a machine that would rather run on a node than elsewhere.
func drawn(machine map[string]any, node string) map[string]any {
	spec := machine["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	spec["affinity"] = map[string]any{"nodeAffinity": map[string]any{"preferredDuringSchedulingIgnoredDuringExecution": []any{
		map[string]any{"weight": 100, "preference": map[string]any{"matchExpressions": []any{
			map[string]any{"key": "kubernetes.io/hostname", "operator": "In", "values": []string{node}},
		}}},
	}}}
	return machine
}

// TestMaintenance takes the machines of a node away: a real guest moves while it runs, others are shut down as they ask
// for it, and all that is to come back does.
func TestMaintenance(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	key := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, "moves", s.TinyImage(t, id), key))
	address := s.Address(t, id, namespace, "moves")
	node := s.WaitState(t, id, namespace, "moves", "Running", time.Minute).Node
	const boot = "cat /proc/sys/kernel/random/boot_id"
	life := key.Run(t, address, boot)

	strategies := map[string]string{
		"off": "Shutdown", "elsewhere": "ShutdownAndRestartAfterEnable", "after": "ShutdownAndRestartAfterDisable",
	}
	for name, strategy := range strategies {
		labels, settled := map[string]any{"harvesterhci.io/maintain-mode-strategy": strategy}, bound
		if name == "elsewhere" {
			settled = drawn
		}
		s.Admin.MakeMachine(t, id, with(settled(stage.Diskless(namespace, name), node), labels))
	}
	for name := range strategies {
		if on := s.WaitState(t, id, namespace, name, "Running", 2*time.Minute).Node; on != node {
			t.Fatalf("%s runs on %s, not on %s", name, on, node)
		}
	}

	isCordoned(t, s, id, node)
	hasUnmovable(t, s, id, node)
	act(t, s, id, node, "maintenancePossible", nil)
	act(t, s, id, node, "enableMaintenanceMode", map[string]any{"force": "false"})
	waitState(t, s, id, node, "maintenance")

	t.Log("The guest runs elsewhere, and has not noticed.")
	address = s.Address(t, id, namespace, "moves")
	if on := s.WaitState(t, id, namespace, "moves", "Running", time.Minute).Node; on == node {
		t.Errorf("the guest is still on %s", node)
	}
	if now := key.Run(t, address, boot); now != life {
		t.Errorf("the guest has started anew: %s, not %s", now, life)
	}
	s.WaitState(t, id, namespace, "off", "Stopped", time.Minute)
	s.WaitState(t, id, namespace, "after", "Stopped", time.Minute)
	if on := s.WaitState(t, id, namespace, "elsewhere", "Running", 2*time.Minute).Node; on == node {
		t.Errorf("elsewhere is on %s again", node)
	}

	act(t, s, id, node, "disableMaintenanceMode", nil)
	waitState(t, s, id, node, "active")
	s.WaitState(t, id, namespace, "after", "Running", 2*time.Minute)
	s.WaitState(t, id, namespace, "off", "Stopped", time.Minute)
	stage.Eventually(t, "no taint is left", time.Minute, func() error {
		if taints := s.Kubectl(t, site, "", "get", "node", node, "-o", "jsonpath={.spec.taints}"); strings.Contains(taints, "kubevirt.io/drain") {
			return errors.New(taints)
		}
		return nil
	})
	for _, name := range []string{"moves", "off", "elsewhere", "after"} {
		s.Remove(t, id, namespace, name)
	}
}

package virtualmachine

import (
	"errors"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestHostDevice starts a machine on the one node that has its device, and has another wait for it in words until it is
// free again.
func TestHostDevice(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const node, device, label = first + "-node-2", "site.crofthci.io/nic", "devices.crofthci.io/site.crofthci.io.nic"
	s.Kubectl(t, first, "", "annotate", "node", node, `site.crofthci.io/devices={"`+device+`":"1"}`)
	t.Cleanup(func() { s.Kubectl(t, first, "", "annotate", "node", node, "site.crofthci.io/devices-") })
	stage.Eventually(t, "the node offers the device, and is known for it", time.Minute, func() error {
		got := s.Kubectl(t, first, "", "get", "nodes", "-l", label+"=true", "-o", `jsonpath={.items[*].metadata.name} {.items[*].status.allocatable.site\.crofthci\.io/nic}`)
		if got != node+" 1" {
			return errors.New("offered by: " + got)
		}
		return nil
	})
	with := func(name string) map[string]any {
		machine := stage.Diskless(namespace, name)
		machine["metadata"].(map[string]any)["annotations"] = map[string]any{"harvesterhci.io/deviceAllocationDetails": details}
		_, domain := within(machine)
		domain["devices"].(map[string]any)["hostDevices"] = []any{map[string]any{"name": "nic", "deviceName": device}}
		return machine
	}
	s.Admin.MakeMachine(t, id, with("device-has"))
	if got := s.WaitState(t, id, namespace, "device-has", "Running", 2*time.Minute).Node; got != node {
		t.Errorf("it runs where the device is: %s", got)
	}
	if got := s.Kubectl(t, first, "", "get", "vm", "-n", namespace, "device-has", "-o", `jsonpath={.metadata.annotations.harvesterhci\.io/deviceAllocationDetails}`); got != details {
		t.Errorf("what a client has written of its devices stays: %s", got)
	}

	terms := s.Kubectl(t, first, "", "get", "vm", "-n", namespace, "device-has", "-o",
		"jsonpath={.spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms}")
	if !strings.Contains(terms, `"`+label+`"`) {
		t.Errorf("it is drawn to nodes with the device: %s", terms)
	}

	s.Admin.MakeMachine(t, id, with("device-waits"))
	stage.Eventually(t, "the second one says what it waits for", 2*time.Minute, func() error {
		var shown stage.Machine
		s.Admin.Must(t, "GET", stage.MachinePath(id, namespace, "device-waits"), nil, &shown)
		if state := shown.Metadata.State; !strings.Contains(state.Message, "Insufficient "+device) {
			return errors.New("it is " + state.Name + ": " + state.Message)
		}
		return nil
	})
	s.Remove(t, id, namespace, "device-has")
	if got := s.WaitState(t, id, namespace, "device-waits", "Running", 3*time.Minute).Node; got != node {
		t.Errorf("it runs once the device is free: %s", got)
	}
	s.Remove(t, id, namespace, "device-waits")
}

// details is what a client of Harvester has chosen of the devices.
const details = `{"hostdevices":{"site.crofthci.io/nic":["site-1-node-2-000001"]}}`

package virtualmachine

import (
	"errors"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestStateThatStays gives machines a firmware and a TPM that remember: KubeVirt keeps what they remember in a volume of its
// own, of the class that it is told or of the default one, which goes with the machine and not with its run.
func TestStateThatStays(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	machine := func(name string) {
		made := stage.Diskless(namespace, name)
		_, domain := within(made)
		domain["firmware"] = map[string]any{"bootloader": map[string]any{"efi": map[string]any{"secureBoot": false, "persistent": true}}}
		domain["devices"].(map[string]any)["tpm"] = map[string]any{"persistent": true}
		s.Admin.MakeMachine(t, id, made)
		s.WaitState(t, id, namespace, name, "Running", 3*time.Minute)
	}
	kept := func(name, what string) string {
		return s.Kubectl(t, first, "", "get", "pvc", "-n", namespace, "-l", "persistent-state-for="+name, "-o", "jsonpath={.items[*]"+what+"}")
	}

	machine("remembers")
	if got := kept("remembers", ".spec.storageClassName"); got != "fast" {
		t.Errorf("its state is kept in one volume of the default class: %q", got)
	}
	volume := kept("remembers", ".metadata.name")
	s.Do(t, id, namespace, "remembers", "stop", nil)
	s.WaitState(t, id, namespace, "remembers", "Stopped", 2*time.Minute)
	s.Do(t, id, namespace, "remembers", "start", nil)
	s.WaitState(t, id, namespace, "remembers", "Running", 2*time.Minute)
	if got := kept("remembers", ".metadata.name"); got != volume {
		t.Errorf("the next run has the same volume: %q, before %q", got, volume)
	}

	tell := func(class string) {
		s.Kubectl(t, first, "", "patch", "kubevirt", "-n", "kubevirt", "kubevirt", "--type=merge",
			"-p", `{"spec":{"configuration":{"vmStateStorageClass":`+class+`}}}`)
	}
	tell(`"bulk"`)
	t.Cleanup(func() { tell("null") })
	tried := 0
	stage.Eventually(t, "KubeVirt has heard which class it is", 3*time.Minute, func() error {
		name := "remembers-" + string(rune('a'+tried))
		tried++
		machine(name)
		class := kept(name, ".spec.storageClassName")
		s.Remove(t, id, namespace, name)
		if class != "bulk" {
			return errors.New("the state is kept in a volume of class " + class)
		}
		return nil
	})

	s.Remove(t, id, namespace, "remembers")
	stage.Eventually(t, "the state goes with its machine", time.Minute, func() error {
		if left := kept("remembers", ".metadata.name"); left != "" {
			return errors.New("there is still " + left)
		}
		return nil
	})
}

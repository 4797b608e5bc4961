package virtualmachine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestACloneHasTheFile writes a file inside a real guest, clones it while it runs, and reads the file inside the clone.
func TestACloneHasTheFile(t *testing.T) {
	const name, twin, file = "original", "twin", "/home/croft/note"
	s := stage.Open(t)
	id := s.Site(t, first)
	key := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, name, s.TinyImage(t, id), key))
	address := s.Address(t, id, namespace, name)
	key.Run(t, address, "echo from the original > "+file+" && sync")

	s.Do(t, id, namespace, name, "clone", map[string]any{"targetVm": twin})
	if code, answer := s.Admin.Act(t, id, namespace, name, "clone", map[string]any{"targetVm": twin}); code != 422 {
		t.Errorf("a second one of the name: %d %s", code, answer)
	}
	found := s.Address(t, id, namespace, twin)
	if found == address {
		t.Fatalf("both answer at %s", found)
	}
	if got := key.Run(t, found, "cat "+file); got != "from the original" {
		t.Errorf("the clone has the file: %q", got)
	}
	if got := key.Run(t, found, "cat /etc/hostname"); got == "" {
		t.Error("the clone has a name")
	}
	key.Run(t, found, "echo from the twin > "+file+" && sync")
	if got := key.Run(t, address, "cat "+file); got != "from the original" {
		t.Errorf("what the clone writes is its own: %q", got)
	}
	unlike(t, s, name, twin)
	castsMold(t, s, id, name, key)

	for _, each := range []string{twin, name} {
		volume := s.Kubectl(t, first, "", "get", "vm", each, "-o", "jsonpath={.spec.template.spec.volumes[0].persistentVolumeClaim.claimName}")
		s.Delete(t, stage.MachinePath(id, namespace, each)+"?removedDisks="+volume)
		stage.Eventually(t, "volume "+volume+" goes with machine "+each, 2*time.Minute, func() error {
			if out := s.Kubectl(t, first, "", "get", "pvc", volume, "--ignore-not-found", "-o", "name"); out != "" {
				return fmt.Errorf("%s is there", out)
			}
			return nil
		})
	}
}

// unlike holds that two machines are not one on the network, nor to their firmware.
func unlike(t *testing.T, s *stage.Stage, a, b string) {
	t.Helper()
	for what, path := range map[string]string{
		"hardware address": "{.spec.domain.devices.interfaces[0].macAddress}", "firmware UUID": "{.spec.domain.firmware.uuid}",
	} {
		one := s.Kubectl(t, first, "", "get", "vmi", a, "-o", "jsonpath="+path)
		other := s.Kubectl(t, first, "", "get", "vmi", b, "-o", "jsonpath="+path)
		if one == "" || one == other {
			t.Errorf("each has its %s: %q and %q", what, one, other)
		}
	}
}

// TestAVolumeMoves moves the disk of a real guest to another claim while it runs.
func TestAVolumeMoves(t *testing.T) {
	const name, target = "mover", "mover-elsewhere"
	s := stage.Open(t)
	id := s.Site(t, first)
	key := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, name, s.TinyImage(t, id), key))
	address := s.Address(t, id, namespace, name)
	const boot = "cat /proc/sys/kernel/random/boot_id"
	life := key.Run(t, address, "echo carried > /home/croft/note && sync && "+boot)
	s.Kubectl(t, first, `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "`+target+`", "namespace": "`+namespace+`"},
		"spec": {"accessModes": ["ReadWriteMany"], "volumeMode": "Block", "resources": {"requests": {"storage": "1Gi"}}}}`, "apply", "-f", "-")
	move := map[string]any{"sourceVolume": name + "-disk-0", "targetVolume": target}
	cancelsMove(t, s, id, name, move)
	if got := key.Run(t, address, "cat /home/croft/note && "+boot); got != "carried\n"+life {
		t.Errorf("the guest goes on where it was, in the same life %s: %q", life, got)
	}
	s.Do(t, id, namespace, name, "storageMigration", move)
	stage.Eventually(t, "the template is the new claim's", 4*time.Minute, func() error {
		text := s.Kubectl(t, first, "", "get", "vm", name, "-o", `jsonpath={.metadata.annotations.harvesterhci\.io/volumeClaimTemplates}`)
		var templates []struct{ Metadata struct{ Name string } }
		if err := json.Unmarshal([]byte(text), &templates); err != nil {
			return err
		}
		if len(templates) != 1 || templates[0].Metadata.Name != target || strings.Contains(text, "targetVolume") {
			return fmt.Errorf("it is %s", text)
		}
		return nil
	})
	address = s.Address(t, id, namespace, name)
	if got := key.Run(t, address, "cat /home/croft/note && "+boot); got != "carried\n"+life {
		t.Errorf("the guest goes on with its file, in the same life %s: %q", life, got)
	}
	if got := key.Run(t, address, "echo written there > /home/croft/note && sync && cat /home/croft/note"); got != "written there" {
		t.Errorf("it can write: %q", got)
	}
	s.Remove(t, id, namespace, name)
	s.Kubectl(t, first, "", "delete", "pvc", target, name+"-disk-0", "--wait=false")
}

package virtualmachine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// extra is a volume that a machine gets while it runs, and a network.
const extra = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: plugged-extra}
spec:
  accessModes: [ReadWriteMany]
  volumeMode: Block
  resources: {requests: {storage: 64Mi}}
---
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: plugged-lan}
spec: {config: '{"cniVersion":"0.3.1","type":"bridge","bridge":"lan"}'}
`

// refuses calls an action that is refused with a status.
func refuses(t *testing.T, s *stage.Stage, id, name, action string, input map[string]any, want int) {
	t.Helper()
	if code, answer := s.Admin.Act(t, id, namespace, name, action, input); code != want {
		t.Fatalf("%s %v: %d, want %d: %s", action, input, code, want, answer)
	}
}

// within is a machine's domain and its pod's rest, to be changed before it is made.
func within(machine map[string]any) (spec, domain map[string]any) {
	spec = machine["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	return spec, spec["domain"].(map[string]any)
}

// TestHotplug plugs a disk and a disc into a real guest and out again.
func TestHotplug(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const name = "plugged"
	s.Kubectl(t, first, extra, "apply", "-n", namespace, "-f", "-")
	key, image := stage.NewKey(t), s.TinyImage(t, id)
	machine := stage.Guest(namespace, name, image, key)
	_, domain := within(machine)
	devices := domain["devices"].(map[string]any)
	devices["disks"] = append(devices["disks"].([]any), map[string]any{"name": "cd", "cdrom": map[string]any{"bus": "scsi"}})
	s.Admin.MakeMachine(t, id, machine)
	address := s.Address(t, id, namespace, name)
	sees := func(what, command, want string) {
		t.Helper()
		stage.Eventually(t, what, 2*time.Minute, func() error {
			if got := key.RunAs(t, "root", address, command); got != want {
				return fmt.Errorf("%s says %q, want %q", command, got, want)
			}
			return nil
		})
	}

	const disk = "cat /sys/block/sda/size 2>/dev/null || echo none"
	sees("no disk yet", disk, "none")
	refuses(t, s, id, name, "addVolume", map[string]any{"diskName": "extra", "volumeSourceName": "none"}, http.StatusUnprocessableEntity)
	s.Do(t, id, namespace, name, "addVolume", map[string]any{"diskName": "extra", "volumeSourceName": "plugged-extra"})
	sees("the guest sees the disk", disk, "131072")
	refuses(t, s, id, name, "addVolume", map[string]any{"diskName": "twice", "volumeSourceName": "plugged-extra"}, http.StatusUnprocessableEntity)
	s.Do(t, id, namespace, name, "removeVolume", map[string]any{"diskName": "extra"})
	sees("the disk is gone", disk, "none")
	s.Kubectl(t, first, "", "get", "pvc", "plugged-extra", "-n", namespace)

	const disc = "dd if=/dev/sr0 of=/dev/null bs=2048 count=1 2>/dev/null && echo in || echo out"
	sees("the drive is empty", disc, "out")
	s.Do(t, id, namespace, name, "insertCdRomVolume", map[string]any{"DeviceName": "cd", "imageName": image})
	claim := s.Kubectl(t, first, "", "get", "vm", name, "-n", namespace,
		"-o", `jsonpath={.spec.template.spec.volumes[?(@.name=="cd")].persistentVolumeClaim.claimName}`)
	if !strings.HasPrefix(claim, name+"-cd-") {
		t.Fatalf("the drive has volume %q", claim)
	}
	sees("the guest reads the disc", disc, "in")
	s.Do(t, id, namespace, name, "ejectCdRomVolume", map[string]any{"deviceName": "cd"})
	sees("the drive is empty again", disc, "out")
	stage.Eventually(t, "the disc's volume is gone", 2*time.Minute, func() error {
		if out, err := s.TryKubectl(t, first, "", "get", "pvc", claim, "-n", namespace); err == nil {
			return fmt.Errorf("there is %s", out)
		}
		return nil
	})
	s.Remove(t, id, namespace, name)
}

// TestGrowing gives a machine a card, processors and memory, each by a migration that KubeVirt begins, and takes the card
// away again.
func TestGrowing(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const name = "grown"
	s.Kubectl(t, first, extra, "apply", "-n", namespace, "-f", "-")
	machine := stage.Diskless(namespace, name)
	machine["metadata"].(map[string]any)["annotations"] = map[string]any{"harvesterhci.io/enableCPUAndMemoryHotplug": "true"}
	_, domain := within(machine)
	domain["cpu"] = map[string]any{"sockets": 1, "cores": 1, "threads": 1}
	domain["resources"] = map[string]any{"limits": map[string]any{"cpu": "1", "memory": "1Gi"}}
	s.Admin.MakeMachine(t, id, machine)
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)

	reads := func(what, path, want string) {
		t.Helper()
		stage.Eventually(t, what, 3*time.Minute, func() error {
			if got := s.Kubectl(t, first, "", "get", "vmi", name, "-n", namespace, "-o", "jsonpath="+path); got != want {
				return fmt.Errorf("%s is %q, want %q", path, got, want)
			}
			return nil
		})
	}
	offers := func(action string) {
		t.Helper()
		stage.Eventually(t, action+" is offered", 3*time.Minute, func() error {
			var m stage.Machine
			s.Admin.Must(t, "GET", stage.MachinePath(id, namespace, name), nil, &m)
			if m.Actions[action] == "" {
				return fmt.Errorf("%s", m.Unavailable[action])
			}
			return nil
		})
	}

	offers("cpuAndMemoryHotplug")
	refuses(t, s, id, name, "cpuAndMemoryHotplug", map[string]any{"sockets": 9}, http.StatusUnprocessableEntity)
	s.Do(t, id, namespace, name, "cpuAndMemoryHotplug", map[string]any{"sockets": 2, "memory": "2Gi"})
	reads("two processors", "{.status.currentCPUTopology.sockets}", "2")
	reads("more memory", "{.status.memory.guestCurrent}", "2Gi")

	offers("addNic")
	refuses(t, s, id, name, "addNic", map[string]any{"interfaceName": "lan", "networkName": namespace + "/none"}, http.StatusUnprocessableEntity)
	s.Do(t, id, namespace, name, "addNic", map[string]any{"interfaceName": "lan", "networkName": namespace + "/plugged-lan"})
	stage.Eventually(t, "the card is in", 3*time.Minute, func() error {
		source := s.Kubectl(t, first, "", "get", "vmi", name, "-n", namespace, "-o", `jsonpath={.status.interfaces[?(@.name=="lan")].infoSource}`)
		if !strings.Contains(source, "domain") {
			return fmt.Errorf("it is told of by %q", source)
		}
		return nil
	})
	offers("removeNic")
	var found struct{ Interfaces []string }
	_, answer := s.Admin.Act(t, id, namespace, name, "findHotunpluggableNics", nil)
	if err := json.Unmarshal([]byte(answer), &found); err != nil || fmt.Sprint(found.Interfaces) != "[lan]" {
		t.Errorf("what can be unplugged: %s", answer)
	}
	s.Do(t, id, namespace, name, "removeNic", map[string]any{"interfaceName": "lan"})
	stage.Eventually(t, "the card is out", 3*time.Minute, func() error {
		if cards := s.Kubectl(t, first, "", "get", "vm", name, "-n", namespace, "-o", "jsonpath={.spec.template.spec.domain.devices.interfaces[*].name}"); cards != "default" {
			return fmt.Errorf("the machine has %s", cards)
		}
		return nil
	})
	s.Remove(t, id, namespace, name)
}

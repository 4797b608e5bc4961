package virtualmachine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// setup is what the machines of this file are set up with.
const setup = `
apiVersion: v1
kind: ConfigMap
metadata: {name: whole-unattend}
data: {autounattend.xml: "<unattend/>"}
---
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: whole-lan}
spec: {config: '{"cniVersion":"0.3.1","type":"bridge","bridge":"lan"}'}
`

// TestWholeMachine boots a machine of several disks, of which it is to boot the second, on two networks, with the disc that
// Windows is set up from; and one of UEFI with secure boot, up to its firmware: the tiny guest boots by BIOS alone.
func TestWholeMachine(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	s.Kubectl(t, first, setup, "apply", "-n", namespace, "-f", "-")
	key, image := stage.NewKey(t), s.TinyImage(t, id)

	t.Run("Hardware", func(t *testing.T) {
		const name = "whole"
		machine := stage.Guest(namespace, name, image, key)
		equip(t, machine, name)
		s.Admin.MakeMachine(t, id, machine)
		address := s.Address(t, id, namespace, name)
		for what, each := range map[string]struct{ command, want string }{
			"the disks in their order":   {"cat /sys/block/vda/size /sys/block/vdb/size", "131072\n2097152"},
			"the disk of a bus and name": {"cat /sys/block/sda/size", "65536"},
			"both cards":                 {"cat /sys/class/net/*/address | grep -c 02:00:00:00:77:01", "1"},
			"the disc of its setup":      {"mount -o ro /dev/sr0 /mnt && cat /mnt/autounattend.xml && umount /mnt", "<unattend/>"},
			"its name from cloud-init":   {"hostname", name},
		} {
			stage.Eventually(t, what, 2*time.Minute, func() error {
				if got := strings.TrimSpace(key.RunAs(t, "root", address, each.command)); got != each.want {
					return fmt.Errorf("%s says %q, want %q", each.command, got, each.want)
				}
				return nil
			})
		}
	})

	t.Run("Firmware", func(t *testing.T) {
		const name = "whole-uefi"
		machine := stage.Guest(namespace, name, image, key)
		_, domain := within(machine)
		domain["firmware"] = map[string]any{"bootloader": map[string]any{"efi": map[string]any{"secureBoot": true}}}
		domain["features"] = map[string]any{"acpi": map[string]any{"enabled": true}, "smm": map[string]any{"enabled": true}}
		domain["devices"].(map[string]any)["tpm"] = map[string]any{}
		s.Admin.MakeMachine(t, id, machine)
		s.WaitState(t, id, namespace, name, "Running", 3*time.Minute)
		console := "/k8s/clusters/" + id + "/apis/subresources.kubevirt.io/v1/namespaces/" + namespace + "/virtualmachineinstances/" + name + "/console"
		if text := s.Admin.Reads(t, console, "BdsDxe", 2*time.Minute, "plain.kubevirt.io"); !strings.Contains(text, "BdsDxe") {
			t.Errorf("its firmware is UEFI: the console says %q", text)
		}
	})
}

// equip gives a machine a blank disk before its own, one of another bus, a disc to be set up from and a second card.
func equip(t *testing.T, machine map[string]any, name string) {
	t.Helper()
	annotations := machine["metadata"].(map[string]any)["annotations"].(map[string]any)
	var claims []any
	if err := json.Unmarshal([]byte(annotations["harvesterhci.io/volumeClaimTemplates"].(string)), &claims); err != nil {
		t.Fatal(err)
	}
	for volume, size := range map[string]string{name + "-blank": "64Mi", name + "-data": "32Mi"} {
		claims = append(claims, map[string]any{
			"metadata": map[string]any{"name": volume},
			"spec": map[string]any{
				"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
				"resources": map[string]any{"requests": map[string]any{"storage": size}},
			},
		})
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	annotations["harvesterhci.io/volumeClaimTemplates"] = string(text)
	spec, domain := within(machine)
	devices := domain["devices"].(map[string]any)
	blank := map[string]any{"name": "blank", "bootOrder": 2, "disk": map[string]any{"bus": "virtio"}}
	devices["disks"] = append([]any{blank}, append(devices["disks"].([]any),
		map[string]any{"name": "data", "disk": map[string]any{"bus": "scsi"}},
		map[string]any{"name": "setup", "cdrom": map[string]any{"bus": "scsi"}})...)
	claimed := func(disk, claim string) map[string]any {
		return map[string]any{"name": disk, "persistentVolumeClaim": map[string]any{"claimName": claim}}
	}
	spec["volumes"] = append(spec["volumes"].([]any), claimed("blank", name+"-blank"), claimed("data", name+"-data"),
		map[string]any{"name": "setup", "sysprep": map[string]any{"configMap": map[string]any{"name": "whole-unattend"}}})
	devices["interfaces"] = append(devices["interfaces"].([]any),
		map[string]any{"name": "lan", "bridge": map[string]any{}, "macAddress": "02:00:00:00:77:01"})
	spec["networks"] = append(spec["networks"].([]any),
		map[string]any{"name": "lan", "multus": map[string]any{"networkName": "whole-lan"}})
}

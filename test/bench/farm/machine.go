package farm

import (
	"fmt"
	"strings"
)

var (
	states = []string{"Running", "Running", "Running", "Stopped", "Running", "Running", "Paused", "Running", "Stopped", "Running"}
	works  = []string{"web", "db", "cache", "build", "mail", "desk", "proxy", "node"}
	guests = []string{"Debian GNU/Linux 13 (trixie)", "Ubuntu 24.04.3 LTS", "Windows Server 2025", "openSUSE Leap 16.0"}
)

const createdAt = "2026-%02d-%02dT%02d:%02d:%02dZ"

// created is when a machine was made: some time, the same in every run.
func created(i int) string {
	i = i * 7919 % (11 * 28 * 24 * 3600)
	return fmt.Sprintf(createdAt, i/(28*24*3600)+1, i/(24*3600)%28+1, i/3600%24, i/60%60, i%60)
}

// Machine is a machine as Harvester's look, and its instance, nil if it does not run. The number is its own among those of
// all sites.
func Machine(namespace string, number int) (vm, vmi map[string]any) {
	name := fmt.Sprintf("%s-%05d", works[number%len(works)], number)
	state := states[number*31%len(states)]
	spec := specOf(name, number)
	vm = map[string]any{
		"metadata": map[string]any{
			"namespace": namespace, "name": name, "creationTimestamp": created(number),
			"labels":      map[string]any{"harvesterhci.io/creator": "harvester", "harvesterhci.io/os": "linux", "app": fmt.Sprintf("app-%d", number%50)},
			"annotations": map[string]any{"harvesterhci.io/volumeClaimTemplates": claims(name, number), "network.harvesterhci.io/ips": "[]"},
		},
		"spec": map[string]any{"runStrategy": "RerunOnFailure", "template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"harvesterhci.io/vmName": name}}, "spec": spec,
		}},
		"status": map[string]any{"printableStatus": state, "created": true, "ready": state == "Running", "conditions": conditions(state)},
	}
	if state == "Stopped" {
		return vm, nil
	}
	return vm, map[string]any{
		"metadata": map[string]any{
			"namespace": namespace, "name": name, "creationTimestamp": created(number),
			"labels": map[string]any{"harvesterhci.io/vmName": name},
		},
		"spec": spec,
		"status": map[string]any{
			"phase": "Running", "nodeName": fmt.Sprintf("node-%d", number%Nodes), "conditions": conditions(state),
			"guestOSInfo": map[string]any{"prettyName": guests[number%len(guests)]},
			"interfaces": []any{map[string]any{
				"name": "default", "mac": mac(number), "ipAddress": address(number), "ipAddresses": []any{address(number)}, "infoSource": "domain, guest-agent",
			}},
		},
	}
}

func mac(i int) string     { return fmt.Sprintf("52:54:00:%02x:%02x:%02x", i>>16&255, i>>8&255, i&255) }
func address(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255) }

func claims(name string, i int) string {
	return fmt.Sprintf(`[{"metadata":{"name":"%s-disk-0","annotations":{"harvesterhci.io/imageId":"default/image-%d"}},"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"20Gi"}},"volumeMode":"Block","storageClassName":"longhorn-image-%d"}}]`, name, i%12, i%12)
}

func conditions(state string) []any {
	all := []any{
		map[string]any{"type": "Ready", "status": "True", "lastProbeTime": nil, "lastTransitionTime": "2026-01-01T00:00:00Z"},
		map[string]any{"type": "LiveMigratable", "status": "True", "lastProbeTime": nil, "lastTransitionTime": nil},
	}
	if state == "Paused" {
		all = append(all, map[string]any{"type": "Paused", "status": "True", "reason": "PausedByUser", "message": "VMI was paused by user", "lastProbeTime": nil, "lastTransitionTime": nil})
	}
	return all
}

func specOf(name string, i int) map[string]any {
	cores, memory := int64(i%8+1), fmt.Sprintf("%dGi", i%64+1)
	cloudInit := "#cloud-config\n" + strings.Repeat("ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI]\n", 12)
	return map[string]any{
		"hostname": name, "evictionStrategy": "LiveMigrateIfPossible", "terminationGracePeriodSeconds": int64(120),
		"domain": map[string]any{
			"cpu": map[string]any{"cores": cores, "sockets": int64(1), "threads": int64(1)}, "memory": map[string]any{"guest": memory},
			"devices": map[string]any{
				"disks":      []any{map[string]any{"name": "disk-0", "bootOrder": int64(1), "disk": map[string]any{"bus": "virtio"}}, map[string]any{"name": "cloudinit", "disk": map[string]any{"bus": "virtio"}}},
				"interfaces": []any{map[string]any{"name": "default", "model": "virtio", "bridge": map[string]any{}, "macAddress": mac(i)}},
			},
			"machine": map[string]any{"type": "q35"}, "resources": map[string]any{"limits": map[string]any{"cpu": fmt.Sprint(cores), "memory": memory}},
		},
		"networks": []any{map[string]any{"name": "default", "multus": map[string]any{"networkName": "default/vlan-7"}}},
		"volumes": []any{
			map[string]any{"name": "disk-0", "persistentVolumeClaim": map[string]any{"claimName": name + "-disk-0"}},
			map[string]any{"name": "cloudinit", "cloudInitNoCloud": map[string]any{"userData": cloudInit}},
		},
	}
}

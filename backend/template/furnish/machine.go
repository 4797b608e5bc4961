package furnish

import (
	"encoding/json"
	"fmt"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Names of the disks of a machine, and of the claims that they stand on.
const (
	installer = "cdrom-disk"
	system    = "rootdisk"
	drivers   = "virtio-container-disk"
)

// driverImage has Windows' drivers for virtio, as Harvester gives them to its machines.
const driverImage = "registry.suse.com/suse/vmdp/vmdp:2.5.4.3"

type object = map[string]any

// machine is what a client makes a machine of: metadata and spec of a VirtualMachine.
func (k Known) machine() ([]byte, error) {
	claims, err := json.Marshal(k.claims())
	if err != nil {
		return nil, fmt.Errorf("describe the volumes of %s: %w", k.Name, err)
	}
	return json.Marshal(object{
		"metadata": object{
			"labels":      object{"harvesterhci.io/os": k.system()},
			"annotations": object{harvesterv1.AnnotationVolumeClaimTemplates: string(claims)},
		},
		"spec": object{
			"runStrategy": "RerunOnFailure",
			"template": object{"spec": object{
				"domain":           k.domain(),
				"evictionStrategy": "LiveMigrateIfPossible",
				"networks":         []object{{"name": "default", "pod": object{}}},
				"volumes":          k.volumes(),
			}},
		},
	})
}

// system is the word by which clients know the guest's system.
func (k Known) system() string {
	if k.windows {
		return "windows"
	}
	return "linux"
}

func (k Known) domain() object {
	domain := object{
		"cpu":       object{"cores": k.cores, "sockets": 1, "threads": 1},
		"memory":    object{"guest": k.memory},
		"resources": object{"limits": object{"cpu": fmt.Sprint(k.cores), "memory": k.memory}},
		"machine":   object{"type": "q35"},
	}
	card := "virtio"
	if k.windows {
		card = "e1000" // which Windows knows before any driver is installed
	}
	devices := object{
		"disks":      k.disks(),
		"interfaces": []object{{"name": "default", "model": card, "masquerade": object{}}},
		"inputs":     []object{{"name": "tablet", "type": "tablet", "bus": "usb"}},
	}
	domain["features"] = object{"acpi": object{"enabled": true}}
	if k.secure {
		domain["features"].(object)["smm"] = object{"enabled": true}
		domain["firmware"] = object{"bootloader": object{"efi": object{"secureBoot": true}}}
		devices["tpm"] = object{}
	}
	domain["devices"] = devices
	return domain
}

// disks are what the guest sees, in the order that it boots from.
func (k Known) disks() []object {
	var disks []object
	if k.fromISO {
		disks = append(disks, object{"name": installer, "cdrom": object{"bus": "sata"}})
	}
	bus := "virtio"
	if k.windows && k.fromISO {
		bus = "sata" // so that the installer finds it
	}
	disks = append(disks, object{"name": system, "disk": object{"bus": bus}})
	for i := range disks {
		disks[i]["bootOrder"] = i + 1
	}
	if k.windows {
		disks = append(disks, object{"name": drivers, "cdrom": object{"bus": "sata"}})
	}
	return disks
}

func (k Known) volumes() []object {
	var volumes []object
	for _, claim := range k.claims() {
		name := claim["metadata"].(object)["name"]
		volumes = append(volumes, object{"name": name, "persistentVolumeClaim": object{"claimName": name}})
	}
	if k.windows {
		volumes = append(volumes, object{"name": drivers, "containerDisk": object{"image": driverImage}})
	}
	return volumes
}

// claims are the volumes to be made. Where the image is empty, the person who makes a machine chooses one.
func (k Known) claims() []object {
	claim := func(name, size string, chosen bool) object {
		metadata := object{"name": name}
		if chosen {
			metadata["annotations"] = object{harvesterv1.AnnotationImageID: ""}
		}
		return object{"metadata": metadata, "spec": object{
			"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
			"resources": object{"requests": object{"storage": size}},
		}}
	}
	const installerSize = "10Gi"
	if k.fromISO {
		return []object{claim(installer, installerSize, true), claim(system, k.disk, false)}
	}
	return []object{claim(system, k.disk, true)}
}

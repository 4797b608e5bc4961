package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// whole is a machine with all that people give machines: firmware with keys, a TPM, disks of every kind in an order, cards
// on several networks, what Windows is set up from, devices of the node, and passwords that are changed while it runs.
const whole = `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  namespace: default
  name: whole
  labels: {harvesterhci.io/os: windows, harvesterhci.io/maintain-mode-strategy: ShutdownAndRestartAfterEnable}
  annotations:
    field.cattle.io/description: everything
    harvesterhci.io/reservedMemory: 256Mi
    harvesterhci.io/dynamic-ssh-key-names: '["default/me"]'
    harvesterhci.io/dynamic-ssh-key-users: '["root"]'
    harvesterhci.io/deviceAllocationDetails: '{"gpus":{"example.org/GPU":["node-1-000065000"]}}'
spec:
  runStrategy: Halted
  template:
    metadata:
      labels: {harvesterhci.io/vmName: whole}
      annotations: {harvesterhci.io/sshNames: '["default/me"]', kubevirt.io/pci-topology-version: v3}
    spec:
      architecture: amd64
      evictionStrategy: LiveMigrateIfPossible
      hostname: whole
      terminationGracePeriodSeconds: 30
      nodeSelector: {kubernetes.io/os: linux}
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - {labelSelector: {matchLabels: {harvesterhci.io/vmName: other}}, topologyKey: kubernetes.io/hostname}
      domain:
        machine: {type: q35}
        cpu: {cores: 2, sockets: 1, threads: 1, model: host-model}
        memory: {guest: 1Gi}
        resources: {limits: {cpu: "2", memory: 1280Mi}, requests: {cpu: 200m, memory: 853Mi}}
        firmware: {uuid: 5d307ca9-b3ef-428c-8861-06e72d69f223, serial: whole-1, bootloader: {efi: {secureBoot: true, persistent: true}}}
        features: {acpi: {enabled: true}, smm: {enabled: true}}
        devices:
          tpm: {persistent: true}
          inputs: [{name: tablet, type: tablet, bus: usb}]
          hostDevices: [{name: nic-a, deviceName: example.org/NIC}]
          gpus: [{name: gpu-a, deviceName: example.org/GPU}]
          disks:
            - {name: installer, bootOrder: 1, cdrom: {bus: sata}}
            - {name: root, bootOrder: 2, disk: {bus: virtio}, cache: writeback, io: threads, dedicatedIOThread: true}
            - {name: data, disk: {bus: scsi}, serial: data-1}
            - {name: quorum, shareable: true, cache: none, disk: {bus: virtio}}
            - {name: setup, cdrom: {bus: sata}}
            - {name: cloudinit, disk: {bus: virtio}}
          interfaces:
            - {name: default, masquerade: {}, macAddress: "02:00:00:00:00:01", model: virtio}
            - {name: lan, bridge: {}, macAddress: "02:00:00:00:00:02", model: e1000e}
      networks: [{name: default, pod: {}}, {name: lan, multus: {networkName: default/vlan-7}}]
      accessCredentials:
        - {sshPublicKey: {source: {secret: {secretName: keys}}, propagationMethod: {qemuGuestAgent: {users: [root]}}}}
        - {userPassword: {source: {secret: {secretName: passwords}}, propagationMethod: {qemuGuestAgent: {}}}}
      volumes:
        - {name: installer, persistentVolumeClaim: {claimName: whole-installer}}
        - {name: root, persistentVolumeClaim: {claimName: whole-root}}
        - {name: data, persistentVolumeClaim: {claimName: whole-data, hotpluggable: true}}
        - {name: quorum, persistentVolumeClaim: {claimName: whole-quorum}}
        - {name: setup, sysprep: {configMap: {name: unattend}}}
        - {name: cloudinit, cloudInitNoCloud: {userData: "#cloud-config", networkData: "version: 2"}}
`

// TestWholeMachine writes such a machine through Steve and KubeVirt's webhooks, and reads it back as it was written.
func TestWholeMachine(t *testing.T) {
	body, err := yaml.YAMLToJSON([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	got := ask(t, owner, http.MethodPost, "/v1/harvester/kubevirt.io.virtualmachines", string(body))
	if got.status != http.StatusCreated {
		t.Fatalf("status %d: %s", got.status, got.text)
	}
	m := named(t, "whole")
	var wanted, found map[string]any
	if err := json.Unmarshal(body, &wanted); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(ask(t, owner, http.MethodGet, machines+m.Name, "").text), &found); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted["spec"], found["spec"]); diff != "" {
		t.Errorf("it is read as it was written (-want +got)\n%s", diff)
	}
	written, kept := annotationsOf(wanted), annotationsOf(found)
	for key, value := range written {
		if kept[key] != value {
			t.Errorf("annotation %s is read as it was written: want %v, got %v", key, value, kept[key])
		}
	}
}

func annotationsOf(object map[string]any) map[string]any {
	return object["metadata"].(map[string]any)["annotations"].(map[string]any)
}

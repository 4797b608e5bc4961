package virtualmachine

import (
	"errors"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// offered is an instance type of the site.
const offered = `
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineClusterInstancetype
metadata: {name: offered-small}
spec: {cpu: {guest: 1}, memory: {guest: 128Mi}}
`

// TestWhatASiteOffers makes a machine on the form of what its site has to give: like a template's version, of an instance
// type, on a volume that is there, with a device, at a node, let into by a key that the form puts into a Secret. A rule that
// no node meets is said before. Then a disk is plugged into a machine that runs, by its form.
func TestWhatASiteOffers(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const name, runs, volume, node, device = "offered", "offered-runs", "offered-data", first + "-node-2", "site.crofthci.io/offered"
	s.Kubectl(t, first, offered, "apply", "-f", "-")
	s.Kubectl(t, first, "", "annotate", "node", node, `site.crofthci.io/devices={"`+device+`":"1"}`)
	t.Cleanup(func() { s.Kubectl(t, first, "", "annotate", "node", node, "site.crofthci.io/devices-") })
	s.Admin.MakeVolume(t, id, namespace, volume, "", "64Mi")
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, runs))
	t.Cleanup(func() { s.Remove(t, id, namespace, runs) })
	s.WaitState(t, id, namespace, runs, "Running", 2*time.Minute)
	s.Do(t, id, namespace, runs, "createTemplate", map[string]any{"name": name, "description": "as it is offered"})
	stage.Eventually(t, "the node offers the device, and the template has a version", time.Minute, func() error {
		got := s.Kubectl(t, first, "", "get", "node", node, "-o", `jsonpath={.status.allocatable.site\.crofthci\.io/offered}`) + " " +
			s.Kubectl(t, first, "", "get", "vmtemplates", "-n", namespace, name, "-o", "jsonpath={.status.defaultVersion}")
		if got != "1 1" {
			return errors.New(got)
		}
		return nil
	})

	var said struct{ Lacking, Now string }
	s.Browse(t, &said, map[string]string{
		"CROFT_SITE": first, "CROFT_ID": id, "CROFT_NAME": name, "CROFT_TEMPLATE": namespace + "/" + name, "CROFT_TYPE": "offered-small",
		"CROFT_NODE": node, "CROFT_VOLUME": volume, "CROFT_DEVICE": device, "CROFT_KEY": stage.NewKey(t).Public, "CROFT_RUNS": runs,
	}, "offer.mjs")
	if !strings.Contains(said.Lacking, "kubernetes.io/os") || !strings.Contains(said.Now, "Disks") {
		t.Errorf("the form says %+v", said)
	}
	asOffered(t, s, id, name)
	stage.Eventually(t, "the disk is plugged in", 2*time.Minute, func() error {
		got := s.Kubectl(t, first, "", "get", "vmi", "-n", namespace, runs, "-o", "jsonpath={.status.volumeStatus[?(@.hotplugVolume)].phase}")
		if got != "Ready" {
			return errors.New("its volume is " + got)
		}
		return nil
	})
}

// asOffered reads what came of the form.
func asOffered(t *testing.T, s *stage.Stage, id, name string) {
	t.Helper()
	t.Cleanup(func() { s.Remove(t, id, namespace, name) })
	const spec = ".spec.template.spec"
	for path, want := range map[string]string{
		".spec.instancetype.name":                                                             "offered-small",
		spec + ".volumes[*].persistentVolumeClaim.claimName":                                  "offered-data",
		spec + ".volumes[*].cloudInitNoCloud.networkData":                                     "version: 2",
		spec + ".domain.firmware.bootloader.efi.secureBoot":                                   "true",
		spec + ".domain.features.smm.enabled":                                                 "true",
		spec + ".domain.devices.hostDevices[*].deviceName":                                    "site.crofthci.io/offered",
		spec + ".nodeSelector.kubernetes\\.io/hostname":                                       first + "-node-2",
		spec + ".accessCredentials[*].sshPublicKey.propagationMethod.qemuGuestAgent.users[*]": "root",
		spec + ".affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution":        "kubernetes.io/os",
		spec + ".domain.devices":                                                              `"tpm"`,
	} {
		if got := s.Kubectl(t, first, "", "get", "vm", "-n", namespace, name, "-o", "jsonpath={"+path+"}"); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q in it", path, got, want)
		}
	}
	secret := s.Kubectl(t, first, "", "get", "vm", "-n", namespace, name, "-o", "jsonpath={"+spec+".accessCredentials[*].sshPublicKey.source.secret.secretName}")
	if owner := s.Kubectl(t, first, "", "get", "secret", "-n", namespace, secret, "-o", "jsonpath={.metadata.ownerReferences[*].name}"); owner != name {
		t.Errorf("the Secret of its key is %q's", owner)
	}
}

package virtualmachine

import (
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// lan is a network for a second card.
const lan = `
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: form-lan}
spec: {config: '{"cniVersion":"0.3.1","type":"bridge","bridge":"lan"}'}
`

// parts is what the test reads of a machine.
type parts struct {
	Metadata struct{ Annotations map[string]string }
	Spec     struct {
		RunStrategy string
		Template    struct {
			Spec struct {
				TerminationGracePeriodSeconds int
				Domain                        struct {
					CPU      struct{ Cores, Sockets int }
					Firmware struct {
						Bootloader struct{ EFI map[string]any }
					}
					Devices struct {
						Disks []struct {
							Name      string
							BootOrder int
							Disk      struct{ Bus string }
						}
						Interfaces []struct{ Name, Model, MACAddress string }
					}
				}
			}
		}
	}
}

const described = "field.cattle.io/description"

// TestAMachineOfManyParts makes a machine of two disks and two cards on the form, its YAML beside it, and changes it
// there while somebody else changes the same.
func TestAMachineOfManyParts(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	s.TinyImage(t, id)
	s.Kubectl(t, first, lan, "apply", "-n", namespace, "-f", "-")
	const name, mac = "parts", "02:00:5e:10:00:77"
	read := func() (machine parts) {
		s.Admin.Must(t, "GET", stage.MachinePath(id, namespace, name), nil, &machine)
		return machine
	}

	page := s.Open(t, map[string]string{
		"CROFT_SITE": first, "CROFT_ID": id, "CROFT_NAME": name, "CROFT_IMAGE": "tiny", "CROFT_NETWORK": "default/form-lan", "CROFT_MAC": mac,
	}, "parts.mjs")
	t.Cleanup(func() { s.Remove(t, id, namespace, name) })
	var said struct{ Placed, MAC, Fit, YAML, Overtaken, Kept string }
	page.Sees(t, &said)
	if !strings.Contains(said.Placed, "It fits at") || !strings.Contains(said.MAC, "MAC address") || said.Fit == "" || !strings.Contains(said.YAML, "kind: VirtualMachine") {
		t.Errorf("the form says %+v", said)
	}
	made := read()
	spec := made.Spec.Template.Spec
	devices := spec.Domain.Devices
	if made.Metadata.Annotations[described] != "of many parts" || made.Spec.RunStrategy != "Halted" || spec.TerminationGracePeriodSeconds != 7 ||
		spec.Domain.CPU.Sockets != 2 || spec.Domain.Firmware.Bootloader.EFI == nil {
		t.Errorf("the machine is %+v", made)
	}
	if len(devices.Disks) != 3 || devices.Disks[0].BootOrder != 1 || devices.Disks[1].Disk.Bus != "scsi" || devices.Disks[2].Name != "cloudinitdisk" {
		t.Errorf("its disks are %+v", devices.Disks)
	}
	if len(devices.Interfaces) != 2 || devices.Interfaces[1].Model != "e1000" || devices.Interfaces[1].MACAddress != mac {
		t.Errorf("its cards are %+v", devices.Interfaces)
	}
	page.GoOn(t)

	page.Sees(t, &said)
	s.Kubectl(t, first, "", "patch", "-n", namespace, "virtualmachine", name, "--type=merge", "-p",
		`{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":9,"domain":{"cpu":{"sockets":4},"resources":{"limits":{"cpu":"4"}}}}}}}`)
	page.GoOn(t)
	page.Sees(t, &said)
	if !strings.Contains(said.Overtaken, "changed meanwhile") || said.Kept != "3" {
		t.Errorf("of somebody else's change the form says %q and keeps %q sockets", said.Overtaken, said.Kept)
	}
	changed := read()
	spec = changed.Spec.Template.Spec
	if changed.Metadata.Annotations[described] != "of fewer parts" || spec.Domain.CPU.Sockets != 3 || len(spec.Domain.Devices.Interfaces) != 1 {
		t.Errorf("the changed machine is %+v", changed)
	}
	if spec.TerminationGracePeriodSeconds != 9 || len(spec.Domain.Devices.Disks) != 3 {
		t.Errorf("what nobody changed on the form is not as it was: %+v", changed)
	}
	page.GoOn(t)
}

// TestAChangeOfARunningMachine says which changes wait for a restart, and so does the machine; then three are made at once.
func TestAChangeOfARunningMachine(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const name, several = "changing", "several"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	t.Cleanup(func() { s.Remove(t, id, namespace, name) })
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)

	var said struct{ Now, Restart, Message string }
	s.Browse(t, &said, map[string]string{"CROFT_SITE": first, "CROFT_NAME": name, "CROFT_SEVERAL": several}, "edit.mjs")
	if !strings.Contains(said.Now, "Description") || !strings.Contains(said.Restart, "CPU cores") || !strings.Contains(said.Message, "restart") {
		t.Errorf("the page says %+v", said)
	}
	for _, n := range []string{"01", "02", "03"} {
		s.Remove(t, id, namespace, several+"-"+n)
	}
}

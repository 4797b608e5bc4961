package resilience

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"crofthci.io/croft/test/e2e/stage"
)

// simulated is a machine that stays a state, whatever its disks hold, with more in its pod and its devices.
func simulated(machine map[string]any, devices map[string]any) map[string]any {
	spec := machine["spec"].(map[string]any)
	template := spec["template"].(map[string]any)
	template["metadata"].(map[string]any)["annotations"] = map[string]any{"site.crofthci.io/simulated": "true"}
	domain := template["spec"].(map[string]any)["domain"].(map[string]any)
	for key, value := range devices {
		domain["devices"].(map[string]any)[key] = value
	}
	spec["runStrategy"] = "RerunOnFailure"
	return machine
}

// machineWithDisc puts a disc into a drive of a machine that runs, and takes it out.
func (d doer) machineWithDisc(name string) error {
	disc := ""
	machine := simulated(stage.Diskless(d.namespace, name), map[string]any{
		"disks": []any{map[string]any{"name": "cd", "cdrom": map[string]any{"bus": "scsi"}}},
	})
	return inTurn(
		func() error { return d.running(machine, name) },
		func() error { return d.offers(machineKind, name, "insertCdRomVolume") },
		func() error {
			return d.act(machineKind, name, "insertCdRomVolume", map[string]any{"DeviceName": "cd", "imageName": d.image}, http.StatusConflict, http.StatusUnprocessableEntity)
		},
		func() error {
			return until(func() error {
				var err error
				disc, err = d.firstDisk(name)
				return err
			})
		},
		func() error { return d.becomes(claimKind, disc, bound) },
		func() error { return d.offers(machineKind, name, "ejectCdRomVolume") },
		func() error {
			return d.act(machineKind, name, "ejectCdRomVolume", map[string]any{"deviceName": "cd"}, http.StatusConflict, http.StatusUnprocessableEntity)
		},
		func() error { return d.gone(claimKind, disc) },
		func() error { return d.remove(machineKind, name, "") },
	)
}

// diskMoves moves the disk of a machine that runs to another volume.
func (d doer) diskMoves(name string) error {
	own, there := name+"-0", name+"-there"
	return inTurn(
		func() error { return d.running(simulated(d.disks(name, "16Mi", "", 1), nil), name) },
		func() error { return d.volume(there) },
		func() error { return d.offers(machineKind, name, "storageMigration") },
		func() error {
			return d.act(machineKind, name, "storageMigration", map[string]any{"sourceVolume": own, "targetVolume": there},
				http.StatusConflict, http.StatusUnprocessableEntity)
		},
		func() error {
			return d.becomes(machineKind, name, func(machine map[string]any) bool {
				return shows("metadata", there)(machine) && !shows("metadata", "targetVolume")(machine)
			})
		},
		func() error { return d.remove(machineKind, name, "?removedDisks="+url.QueryEscape(there)) },
		func() error { return d.gone(claimKind, there) },
		func() error { return d.remove(claimKind, own, "") },
	)
}

// running makes a machine and waits until it runs.
func (d doer) running(machine map[string]any, name string) error {
	return inTurn(
		func() error { return d.make(machineKind, machine) },
		func() error { return d.becomes(machineKind, name, shows("status", `"printableStatus":"Running"`)) },
	)
}

// resting is held by the one whose node is in maintenance: there must be two others for the machines.
var resting sync.Mutex

// nodeRests takes the machines from a node, whosever they are, and gives it back.
func (d doer) nodeRests(string) error {
	resting.Lock()
	defer resting.Unlock()
	node := stage.OfSite(d.site, "nodes/"+d.node)
	is := func(state string) func(map[string]any) bool {
		return func(node map[string]any) bool { return shows("metadata", fmt.Sprintf(`"name":%q`, state))(node) }
	}
	turn := func(action, state string, input map[string]any) error {
		return until(func() error {
			if d.look(node, is(state)) == nil {
				return nil
			}
			code, answer, err := d.Try(http.MethodPost, node+"?action="+action, input)
			if err == nil {
				err = fmt.Errorf("%s: %d %s", action, code, answer) // refused while it is under way; looked at again
			}
			return err
		})
	}
	return inTurn(
		func() error { return turn("enableMaintenanceMode", "maintenance", map[string]any{"force": "false"}) },
		func() error { return turn("disableMaintenanceMode", "active", map[string]any{}) },
	)
}

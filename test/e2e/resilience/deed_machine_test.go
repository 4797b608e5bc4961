package resilience

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"crofthci.io/croft/test/e2e/stage"
)

// act calls an action of an object. An attempt whose answer was lost may have done it: what is refused then counts as done,
// and what comes after looks whether it is.
func (d doer) act(kind, name, action string, input map[string]any, done ...int) error {
	if input == nil {
		input = map[string]any{}
	}
	return d.ask(http.MethodPost, d.path(kind, name)+"?action="+action, input, append(done, http.StatusNoContent, http.StatusOK)...)
}

// shows says whether a part of an object, as JSON, has a text in it.
func shows(part, text string) func(object map[string]any) bool {
	return func(object map[string]any) bool {
		found, _ := json.Marshal(object[part])
		return strings.Contains(string(found), text)
	}
}

// machineCloned makes a machine and another like it, with a copy of its disk.
func (d doer) machineCloned(name string) error {
	twin := name + "-twin"
	return inTurn(
		func() error { return d.make(machineKind, d.disks(name, "16Mi", "", 1)) },
		func() error { return d.becomes(claimKind, name+"-0", bound) },
		func() error {
			return d.act(machineKind, name, "clone", map[string]any{"targetVm": twin}, http.StatusUnprocessableEntity)
		},
		func() error { return d.discard(twin) },
		func() error { return d.discard(name) },
	)
}

// discard waits until the first disk of a machine is there, and deletes both.
func (d doer) discard(machine string) error {
	disk := ""
	return inTurn(
		func() error {
			return until(func() error {
				var err error
				disk, err = d.firstDisk(machine)
				return err
			})
		},
		func() error { return d.becomes(claimKind, disk, bound) },
		func() error { return d.remove(machineKind, machine, "?removedDisks="+url.QueryEscape(disk)) },
		func() error { return d.gone(claimKind, disk) },
	)
}

// firstDisk is the claim of a machine's first disk.
func (d doer) firstDisk(machine string) (string, error) {
	code, answer, err := d.Try(http.MethodGet, d.path(machineKind, machine), nil)
	if err != nil {
		return "", err
	}
	var found struct {
		Spec struct {
			Template struct {
				Spec struct {
					Volumes []struct{ PersistentVolumeClaim struct{ ClaimName string } }
				}
			}
		}
	}
	if err := json.Unmarshal(answer, &found); err != nil || code != http.StatusOK {
		return "", fmt.Errorf("%s: %d %s", machine, code, answer)
	}
	volumes := found.Spec.Template.Spec.Volumes
	if len(volumes) == 0 {
		return "", errors.New(machine + " has no disk")
	}
	return volumes[0].PersistentVolumeClaim.ClaimName, nil
}

// runs is a machine that runs, without a disk of its own.
func (d doer) runs(name string) error {
	return d.running(stage.Diskless(d.namespace, name), name)
}

// machineMoves lets a machine run, and moves it to another node.
func (d doer) machineMoves(name string) error {
	return inTurn(
		func() error { return d.runs(name) },
		func() error { return d.offers(machineKind, name, "migrate") },
		func() error { return d.act(machineKind, name, "migrate", nil, http.StatusConflict) },
		func() error {
			return d.becomes("kubevirt.io.virtualmachineinstances", name, shows("status", `"completed":true`))
		},
		func() error { return d.remove(machineKind, name, "") },
	)
}

// offers waits until an action can be done.
func (d doer) offers(kind, name, action string) error {
	return d.becomes(kind, name, shows("actions", `"`+action+`"`))
}

// machinePlugged lets a machine run, and plugs a volume in and out.
func (d doer) machinePlugged(name string) error {
	claim := name + "-extra"
	return inTurn(
		func() error { return d.runs(name) },
		func() error { return d.volume(claim) },
		func() error {
			return d.act(machineKind, name, "addVolume", map[string]any{"diskName": "extra", "volumeSourceName": claim}, http.StatusUnprocessableEntity)
		},
		func() error { return d.offers(machineKind, name, "removeVolume") },
		func() error {
			return d.act(machineKind, name, "removeVolume", map[string]any{"diskName": "extra"}, http.StatusConflict)
		},
		func() error { return d.remove(machineKind, name, "") },
		func() error { return d.becomes(claimKind, claim, bound) },
		func() error { return d.remove(claimKind, claim, "") },
	)
}

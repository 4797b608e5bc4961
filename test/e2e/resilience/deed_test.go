package resilience

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// doer does deeds at a site in one namespace, as a client does who tries again what the server could not do just now.
type doer struct {
	*stage.Client
	site, namespace, image string
	// files is the URL of a disk, and node a node that may rest.
	files, node string
	// operations counts what has been made, changed and deleted.
	operations *atomic.Int64
}

// patient is how long a deed may take altogether while the controllers die again and again.
const patient = 8 * time.Minute

// kinds of objects by their Steve type.
const (
	machineKind = "kubevirt.io.virtualmachines"
	claimKind   = "persistentvolumeclaims"
	imageKind   = "harvesterhci.io.virtualmachineimages"
	keyKind     = "harvesterhci.io.keypairs"
)

// deeds are what is done, each with an object of its own name, from its making to its end.
var deeds = []struct {
	name string
	do   func(d doer, name string) error
}{
	{"a machine whose second disk stays", doer.machineKeepsDisk},
	{"a machine that grows", doer.machineGrows},
	{"a machine cut from an image", doer.machineOfImage},
	{"a key", doer.key},
	{"an image that fails", doer.imageFails},
	{"a machine and its clone", doer.machineCloned},
	{"a machine that moves", doer.machineMoves},
	{"a volume plugged in and out", doer.machinePlugged},
	{"a volume and its snapshot", doer.volumeKept},
	{"a template of a machine", doer.templateMade},
	{"a machine with a limit", doer.machineLimited},
	{"an image that is sent", doer.imageSent},
	{"an image that Longhorn keeps", doer.imageBacked},
	{"an image of a volume", doer.volumeExported},
	{"a volume copied to another class", doer.volumeMoved},
	{"a disc put in and taken out", doer.machineWithDisc},
	{"a disk that moves while its machine runs", doer.diskMoves},
	{"a node in maintenance", doer.nodeRests},
}

func (d doer) path(kind, name string) string {
	return stage.OfSite(d.site, kind+"/"+d.namespace+"/"+name)
}

// until tries again until there is no error.
func until(try func() error) error {
	for deadline := time.Now().Add(patient); ; time.Sleep(200 * time.Millisecond) {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// ask sends a request until it is answered with one of the codes; what the server could not do is tried again.
func (d doer) ask(method, path string, body any, codes ...int) error {
	err := until(func() error {
		code, answer, err := d.Try(method, path, body)
		if err != nil {
			return err
		}
		for _, want := range codes {
			if code == want {
				return nil
			}
		}
		return fmt.Errorf("%s %s: %d %s", method, path, code, answer)
	})
	if err == nil && method != http.MethodGet {
		d.operations.Add(1)
	}
	return err
}

// becomes waits until an object is as it should be.
func (d doer) becomes(kind, name string, right func(object map[string]any) bool) error {
	return until(func() error { return d.look(d.path(kind, name), right) })
}

// look is an error when an object is not as it should be.
func (d doer) look(path string, right func(object map[string]any) bool) error {
	code, answer, err := d.Try(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	var object map[string]any
	if code != http.StatusOK || json.Unmarshal(answer, &object) != nil || !right(object) {
		return fmt.Errorf("%s: %d %s", path, code, answer)
	}
	return nil
}

// gone waits until an object is not there any more.
func (d doer) gone(kind, name string) error {
	return d.ask(http.MethodGet, d.path(kind, name), nil, http.StatusNotFound)
}

// make creates an object; one that an earlier attempt has made is as good.
func (d doer) make(kind string, object map[string]any) error {
	return d.ask(http.MethodPost, stage.OfSite(d.site, kind), object, http.StatusCreated, http.StatusConflict)
}

// remove deletes an object; one that an earlier attempt has deleted is as good.
func (d doer) remove(kind, name, options string) error {
	if err := d.ask(http.MethodDelete, d.path(kind, name)+options, nil, http.StatusOK, http.StatusNoContent, http.StatusNotFound); err != nil {
		return err
	}
	return d.gone(kind, name)
}

// disks is a machine that is off, with volumes of a size.
func (d doer) disks(name, size, image string, count int) map[string]any {
	machine := stage.Diskless(d.namespace, name)
	claims := make([]any, 0, count)
	var disks, volumes []any
	for i := range count {
		claim := fmt.Sprintf("%s-%d", name, i)
		metadata := map[string]any{"name": claim}
		if image != "" {
			metadata["annotations"] = map[string]any{"harvesterhci.io/imageId": image}
		}
		claims = append(claims, map[string]any{"metadata": metadata, "spec": map[string]any{
			"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
			"resources": map[string]any{"requests": map[string]any{"storage": size}},
		}})
		disk := fmt.Sprintf("disk-%d", i)
		disks = append(disks, map[string]any{"name": disk, "disk": map[string]any{"bus": "virtio"}})
		volumes = append(volumes, map[string]any{"name": disk, "persistentVolumeClaim": map[string]any{"claimName": claim}})
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err) // a literal
	}
	machine["metadata"].(map[string]any)["annotations"] = map[string]any{"harvesterhci.io/volumeClaimTemplates": string(text)}
	spec := machine["spec"].(map[string]any)
	spec["runStrategy"] = "Halted"
	inner := spec["template"].(map[string]any)["spec"].(map[string]any)
	inner["domain"].(map[string]any)["devices"].(map[string]any)["disks"] = disks
	inner["volumes"] = volumes
	return machine
}

func bound(claim map[string]any) bool {
	status, _ := claim["status"].(map[string]any)
	return status["phase"] == "Bound"
}

// machineKeepsDisk makes a machine of two disks and deletes it with the first: the second stays, and goes by itself.
func (d doer) machineKeepsDisk(name string) error {
	return inTurn(
		func() error { return d.make(machineKind, d.disks(name, "16Mi", "", 2)) },
		func() error { return d.becomes(claimKind, name+"-0", bound) },
		func() error { return d.becomes(claimKind, name+"-1", bound) },
		func() error { return d.remove(machineKind, name, "?removedDisks="+name+"-0") },
		func() error { return d.gone(claimKind, name+"-0") },
		func() error { return d.becomes(claimKind, name+"-1", bound) },
		func() error { return d.remove(claimKind, name+"-1", "") },
	)
}

// machineGrows makes a machine and asks for a larger disk.
func (d doer) machineGrows(name string) error {
	return inTurn(
		func() error { return d.make(machineKind, d.disks(name, "16Mi", "", 1)) },
		func() error { return d.becomes(claimKind, name+"-0", bound) },
		func() error { return d.grow(name, "32Mi") },
		func() error {
			return d.becomes(claimKind, name+"-0", func(claim map[string]any) bool {
				text, _ := json.Marshal(claim["status"])
				return strings.Contains(string(text), `"32Mi"`)
			})
		},
		func() error { return d.remove(machineKind, name, "?removedDisks="+name+"-0") },
		func() error { return d.gone(claimKind, name+"-0") },
	)
}

// grow writes the machine back with another size.
func (d doer) grow(name, size string) error {
	return until(func() error {
		code, answer, err := d.Try(http.MethodGet, d.path(machineKind, name), nil)
		if err != nil {
			return err
		}
		var machine map[string]any
		if code != http.StatusOK || json.Unmarshal(answer, &machine) != nil {
			return fmt.Errorf("read %s: %d %s", name, code, answer)
		}
		wanted := d.disks(name, size, "", 1)["metadata"].(map[string]any)["annotations"].(map[string]any)
		machine["metadata"].(map[string]any)["annotations"].(map[string]any)["harvesterhci.io/volumeClaimTemplates"] = wanted["harvesterhci.io/volumeClaimTemplates"]
		code, answer, err = d.Try(http.MethodPut, d.path(machineKind, name), machine)
		if err == nil && code != http.StatusOK {
			err = fmt.Errorf("write %s: %d %s", name, code, answer)
		}
		return err
	})
}

// machineOfImage makes a machine whose disk has the bytes of an image.
func (d doer) machineOfImage(name string) error {
	return inTurn(
		func() error { return d.make(machineKind, d.disks(name, "1Gi", d.image, 1)) },
		func() error { return d.becomes(claimKind, name+"-0", bound) },
		func() error { return d.remove(machineKind, name, "?removedDisks="+name+"-0") },
		func() error { return d.gone(claimKind, name+"-0") },
	)
}

// key makes a key and waits for its fingerprint.
func (d doer) key(name string) error {
	return inTurn(
		func() error {
			return d.make(keyKind, map[string]any{
				"apiVersion": "harvesterhci.io/v1beta1", "kind": "KeyPair", "type": "harvesterhci.io.keypair",
				"metadata": map[string]any{"namespace": d.namespace, "name": name},
				"spec":     map[string]any{"publicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGEw0o8m1QG9Kk8tq8ud1w7Yl1YyqbM1fXg1xY3tq0aJ " + name},
			})
		},
		func() error {
			return d.becomes(keyKind, name, func(key map[string]any) bool {
				status, _ := key["status"].(map[string]any)
				return status["fingerPrint"] != nil && status["fingerPrint"] != ""
			})
		},
		func() error { return d.remove(keyKind, name, "") },
	)
}

// imageFails makes an image of a file that is not there, waits until it says so, and deletes it.
func (d doer) imageFails(name string) error {
	return inTurn(
		func() error {
			return d.make(imageKind, map[string]any{
				"apiVersion": "harvesterhci.io/v1beta1", "kind": "VirtualMachineImage", "type": "harvesterhci.io.virtualmachineimage",
				"metadata": map[string]any{"namespace": d.namespace, "name": name},
				"spec":     map[string]any{"displayName": name, "sourceType": "download", "url": "http://127.0.0.1:9/" + name, "retry": 0},
			})
		},
		func() error {
			return d.becomes(imageKind, name, func(image map[string]any) bool {
				text, _ := json.Marshal(image["status"])
				return strings.Contains(string(text), `"RetryLimitExceeded"`)
			})
		},
		func() error { return d.remove(imageKind, name, "") },
	)
}

func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

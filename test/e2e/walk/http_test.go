package walk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// site is where the walks are.
const site = "site-1"

// walker asks a site under /v1/harvester, in one namespace.
type walker struct {
	*stage.Stage
	id, namespace string
}

// object is what a client sends to make something in the namespace.
func (w walker) object(kind, version, name string, rest map[string]any) map[string]any {
	rest["apiVersion"], rest["kind"] = version, kind
	rest["metadata"] = map[string]any{"namespace": w.namespace, "name": name}
	return rest
}

func (w walker) make(t *testing.T, collection string, object map[string]any) {
	t.Helper()
	w.Admin.Must(t, http.MethodPost, stage.OfSite(w.id, collection), object, nil)
}

func (w walker) path(collection, name string) string {
	return stage.OfSite(w.id, collection+"/"+w.namespace+"/"+name)
}

// field reads a field of an object, "" when it is not there.
func (w walker) field(collection, name string, path ...string) string {
	code, answer, err := w.Admin.Try(http.MethodGet, w.path(collection, name), nil)
	var value any
	if err != nil || code != http.StatusOK || json.Unmarshal(answer, &value) != nil {
		return ""
	}
	for _, step := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return ""
		}
		value = object[step]
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// becomes waits until a field of an object is as wanted.
func (w walker) becomes(t *testing.T, collection, name, want string, path ...string) {
	t.Helper()
	stage.Eventually(t, collection+" "+name+" "+strings.Join(path, ".")+" "+want, 4*time.Minute, func() error {
		if got := w.field(collection, name, path...); got != want {
			return fmt.Errorf("it is %q", got)
		}
		return nil
	})
}

// act does an action as soon as it is offered.
func (w walker) act(t *testing.T, collection, name, action string, input map[string]any) {
	t.Helper()
	stage.Eventually(t, name+" "+action, 2*time.Minute, func() error {
		code, answer, err := w.Admin.Try(http.MethodPost, w.path(collection, name)+"?action="+action, input)
		if err == nil && code != http.StatusNoContent {
			err = fmt.Errorf("%d %s", code, answer)
		}
		return err
	})
}

// remove deletes an object and waits until it is gone.
func (w walker) remove(t *testing.T, collection, name, options string) {
	t.Helper()
	w.Delete(t, w.path(collection, name)+options)
	w.gone(t, collection, name)
}

// gone waits until an object is not there any more.
func (w walker) gone(t *testing.T, collection, name string) {
	t.Helper()
	stage.Eventually(t, name+" goes", 2*time.Minute, func() error {
		code, answer, err := w.Admin.Try(http.MethodGet, w.path(collection, name), nil)
		if err == nil && code != http.StatusNotFound {
			err = fmt.Errorf("%d %s", code, answer)
		}
		return err
	})
}

const (
	harvester = "harvesterhci.io/v1beta1"
	images    = "harvesterhci.io.virtualmachineimages"
	keys      = "harvesterhci.io.keypairs"
	templates = "harvesterhci.io.virtualmachinetemplates"
	versions  = "harvesterhci.io.virtualmachinetemplateversions"
	machines  = "kubevirt.io.virtualmachines"
	instances = "kubevirt.io.virtualmachineinstances"
	claims    = "persistentvolumeclaims"
)

// TestOverHTTP walks with nothing but requests to /v1/harvester, and ssh at the end of each step that changes a guest.
func TestOverHTTP(t *testing.T) {
	s := stage.Open(t)
	w := walker{s, s.Site(t, site), "walk-http"}
	s.Admin.Must(t, http.MethodPost, stage.OfSite(w.id, "namespaces"), map[string]any{"metadata": map[string]any{"name": w.namespace}}, nil)

	w.make(t, images, w.object("VirtualMachineImage", harvester, "tiny", map[string]any{"spec": map[string]any{
		"displayName": "tiny", "sourceType": "download", "url": s.Images + "/" + stage.Tiny,
	}}))
	w.becomes(t, images, "tiny", "100", "status", "progress")
	w.becomes(t, images, "tiny", "active", "metadata", "state", "name")

	code, private, err := s.Admin.Try(http.MethodPost, stage.OfSite(w.id, keys)+"?action=keygen", map[string]any{"name": "mine", "namespace": w.namespace})
	if err != nil || code != http.StatusOK {
		t.Fatalf("keygen: %d %s %v", code, private, err)
	}
	key := stage.KeyOf(t, private, w.field(keys, "mine", "spec", "publicKey"))

	guest := stage.Guest(w.namespace, "web", w.namespace+"/tiny", key)
	w.make(t, templates, w.object("VirtualMachineTemplate", harvester, "web", map[string]any{"spec": map[string]any{"description": "A web server."}}))
	w.make(t, versions, w.object("VirtualMachineTemplateVersion", harvester, "web-1", map[string]any{"spec": map[string]any{
		"templateId": w.namespace + "/web", "imageId": w.namespace + "/tiny", "keyPairIds": []string{w.namespace + "/mine"},
		"vm": map[string]any{"metadata": map[string]any{"annotations": guest["metadata"].(map[string]any)["annotations"]}, "spec": guest["spec"]},
	}}))
	w.becomes(t, versions, "web-1", "1", "status", "version")
	w.becomes(t, templates, "web", w.namespace+"/web-1", "spec", "defaultVersionId")

	var version struct {
		Spec struct {
			VM struct{ Metadata, Spec map[string]any }
		}
	}
	s.Admin.Must(t, http.MethodGet, w.path(versions, "web-1"), nil, &version)
	machine := w.object("VirtualMachine", "kubevirt.io/v1", "web", map[string]any{"spec": version.Spec.VM.Spec})
	machine["metadata"].(map[string]any)["annotations"] = version.Spec.VM.Metadata["annotations"]
	w.make(t, machines, machine)
	address := s.Address(t, w.id, w.namespace, "web")
	key.Run(t, address, "echo walked > /home/croft/note && sync")

	w.make(t, claims, w.object("PersistentVolumeClaim", "v1", "more", map[string]any{"spec": map[string]any{
		"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
		"resources": map[string]any{"requests": map[string]any{"storage": "48Mi"}},
	}}))
	w.act(t, machines, "web", "addVolume", map[string]any{"diskName": "more", "volumeSourceName": "more"})
	sees(t, key, address, 48<<10)

	w.act(t, machines, "web", "removeVolume", map[string]any{"diskName": "more"})
	w.act(t, machines, "web", "clone", map[string]any{"targetVm": "twin"})
	twin := s.Address(t, w.id, w.namespace, "twin")
	if got := key.Run(t, twin, "cat /home/croft/note"); got != "walked" {
		t.Errorf("the clone has the file: %q", got)
	}

	from := w.field(instances, "web", "status", "nodeName")
	life := key.Run(t, address, boot)
	w.act(t, machines, "web", "migrate", map[string]any{})
	stage.Eventually(t, "the machine is elsewhere", 3*time.Minute, func() error {
		if now := w.field(instances, "web", "status", "nodeName"); now == from || now == "" {
			return fmt.Errorf("it is on %q", now)
		}
		return nil
	})
	if now := key.Run(t, w.address(t, "web"), boot); now != life {
		t.Errorf("the guest keeps running: %s, before %s", now, life)
	}

	for _, name := range []string{"web", "twin"} {
		volume := s.Kubectl(t, site, "", "get", "vm", "-n", w.namespace, name, "-o", "jsonpath={.spec.template.spec.volumes[0].persistentVolumeClaim.claimName}")
		w.remove(t, machines, name, "?removedDisks="+volume)
	}
	w.remove(t, claims, "more", "")
	w.remove(t, templates, "web", "")
	w.gone(t, versions, "web-1") // until then the image is in use
	w.remove(t, images, "tiny", "")
	w.remove(t, keys, "mine", "")
	left(t, w)
}

// boot tells one life of a guest from another.
const boot = "cat /proc/sys/kernel/random/boot_id"

// address is where a machine answers now.
func (w walker) address(t *testing.T, name string) string {
	t.Helper()
	return w.Address(t, w.id, w.namespace, name)
}

// sees waits until a guest has a disk of so many KiB.
func sees(t *testing.T, key stage.Key, address string, kib int) {
	t.Helper()
	stage.Eventually(t, "the guest sees the disk", 2*time.Minute, func() error {
		parts := key.Run(t, address, "cat /proc/partitions")
		for line := range strings.Lines(parts) {
			if fields := strings.Fields(line); len(fields) == 4 && fields[2] == fmt.Sprint(kib) {
				return nil
			}
		}
		return fmt.Errorf("it sees %s", parts)
	})
}

// left holds that the namespace has become empty.
func left(t *testing.T, w walker) {
	t.Helper()
	stage.Eventually(t, "nothing is left", 2*time.Minute, func() error {
		out := w.Kubectl(t, site, "", "get", "vm,vmi,pvc,dv,vmimage,keypairs,virtualmachinetemplates,virtualmachinetemplateversions", "-n", w.namespace, "-o", "name")
		if out != "" && !strings.Contains(out, "No resources") {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
}

package walk

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// hand is a user with kubectl, in one namespace of the site.
type hand struct {
	*stage.Stage
	namespace string
}

// kubectl runs it in the namespace.
func (h hand) kubectl(t *testing.T, input string, args ...string) string {
	t.Helper()
	return h.Kubectl(t, site, input, append([]string{"-n", h.namespace}, args...)...)
}

// apply makes an object.
func (h hand) apply(t *testing.T, object map[string]any) {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	h.kubectl(t, string(text), "apply", "-f", "-")
}

// wait waits as a user would.
func (h hand) wait(t *testing.T, object, until string) {
	t.Helper()
	h.kubectl(t, "", "wait", object, "--for="+until, "--timeout=9m")
}

// TestWithKubectl walks with nothing but kubectl, and ssh into the guests.
func TestWithKubectl(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	h := hand{s, "walk-kubectl"}
	w := walker{s, id, h.namespace} // makes objects, and sends none
	s.Kubectl(t, site, "", "create", "namespace", h.namespace)

	h.apply(t, w.object("VirtualMachineImage", harvester, "tiny", map[string]any{"spec": map[string]any{
		"displayName": "tiny", "sourceType": "download", "url": s.Images + "/" + stage.Tiny,
	}}))
	h.wait(t, "vmimage/tiny", "condition=Imported")

	key := stage.NewKey(t)
	h.apply(t, w.object("KeyPair", harvester, "mine", map[string]any{"spec": map[string]any{"publicKey": key.Public}}))
	h.wait(t, "keypair/mine", "condition=validated")

	guest := stage.Guest(h.namespace, "web", h.namespace+"/tiny", key)
	annotations := guest["metadata"].(map[string]any)["annotations"]
	h.apply(t, w.object("VirtualMachineTemplate", harvester, "web", map[string]any{"spec": map[string]any{"description": "A web server."}}))
	h.apply(t, w.object("VirtualMachineTemplateVersion", harvester, "web-1", map[string]any{"spec": map[string]any{
		"templateId": h.namespace + "/web", "imageId": h.namespace + "/tiny", "keyPairIds": []string{h.namespace + "/mine"},
		"vm": map[string]any{"metadata": map[string]any{"annotations": annotations}, "spec": guest["spec"]},
	}}))
	h.wait(t, "vmtemplate/web", "jsonpath={.status.defaultVersion}=1")

	var source struct {
		Spec struct {
			VM struct{ Metadata, Spec map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(h.kubectl(t, "", "get", "vmtemplateversion", "web-1", "-o", "json")), &source); err != nil {
		t.Fatal(err)
	}
	h.apply(t, machineOf(w, "web", source.Spec.VM.Metadata["annotations"], source.Spec.VM.Spec))
	h.wait(t, "vm/web", "condition=Ready")
	address := w.address(t, "web")
	key.Run(t, address, "echo walked > /home/croft/note && sync")

	h.apply(t, w.object("PersistentVolumeClaim", "v1", "more", map[string]any{"spec": map[string]any{
		"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
		"resources": map[string]any{"requests": map[string]any{"storage": "48Mi"}},
	}}))
	subresource := "/apis/subresources.kubevirt.io/v1/namespaces/" + h.namespace + "/virtualmachines/web/"
	h.kubectl(t, `{"name": "more", "disk": {"disk": {"bus": "scsi"}}, "volumeSource": {"persistentVolumeClaim": {"claimName": "more", "hotpluggable": true}}}`,
		"replace", "--raw", subresource+"addvolume", "-f", "-")
	sees(t, key, address, 48<<10)
	h.kubectl(t, `{"name": "more"}`, "replace", "--raw", subresource+"removevolume", "-f", "-")

	copied := strings.NewReplacer(`"web-disk-0"`, `"twin-disk-0"`, `"spec":{`, `"spec":{"dataSource":{"kind":"PersistentVolumeClaim","name":"web-disk-0"},`).
		Replace(fmt.Sprint(annotations.(map[string]any)["harvesterhci.io/volumeClaimTemplates"]))
	twin := stage.Guest(h.namespace, "twin", h.namespace+"/tiny", key)["spec"].(map[string]any)
	h.apply(t, machineOf(w, "twin", map[string]any{"harvesterhci.io/volumeClaimTemplates": copied}, twin))
	h.wait(t, "vm/twin", "condition=Ready")
	if got := key.Run(t, w.address(t, "twin"), "cat /home/croft/note"); got != "walked" {
		t.Errorf("the clone has the file: %q", got)
	}

	life := key.Run(t, address, boot)
	h.apply(t, w.object("VirtualMachineInstanceMigration", "kubevirt.io/v1", "away", map[string]any{"spec": map[string]any{"vmiName": "web"}}))
	h.wait(t, "vmim/away", "jsonpath={.status.phase}=Succeeded")
	if now := key.Run(t, w.address(t, "web"), boot); now != life {
		t.Errorf("the guest keeps running: %s, before %s", now, life)
	}

	for _, name := range []string{"web", "twin"} {
		h.kubectl(t, "", "annotate", "vm", name, "harvesterhci.io/removedPersistentVolumeClaims="+name+"-disk-0")
	}
	h.kubectl(t, "", "delete", "vm/web", "vm/twin", "--timeout=6m")
	h.kubectl(t, "", "delete", "pvc/more", "vmtemplate/web", "keypair/mine", "--timeout=6m")
	stage.Eventually(t, "the image is used no more", 2*time.Minute, func() error {
		_, err := s.TryKubectl(t, site, "", "-n", h.namespace, "delete", "vmimage/tiny", "--timeout=1m")
		return err
	})
	left(t, w)
}

// machineOf is a machine to make.
func machineOf(w walker, name string, annotations any, spec map[string]any) map[string]any {
	machine := w.object("VirtualMachine", "kubevirt.io/v1", name, map[string]any{"spec": spec})
	machine["metadata"].(map[string]any)["annotations"] = annotations
	return machine
}

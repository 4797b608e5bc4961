package virtualmachine

import (
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestACloneWithoutData makes a machine like another by the way that Harvester's page takes: it reads the machine, takes out
// what is that one's alone, has the volumes begin anew, and makes one of what remains.
func TestACloneWithoutData(t *testing.T) {
	const name, twin = "read", "written"
	s := stage.Open(t)
	id := s.Site(t, first)
	machine := stage.Diskless(namespace, name)
	machine["metadata"].(map[string]any)["annotations"] = map[string]any{
		"harvesterhci.io/volumeClaimTemplates": `[{"metadata":{"name":"read-disk"},"spec":{"accessModes":["ReadWriteMany"],"volumeMode":"Block",` +
			`"resources":{"requests":{"storage":"16Mi"}}}}]`,
	}
	spec, domain := within(machine)
	spec["volumes"] = []any{map[string]any{"name": "disk", "persistentVolumeClaim": map[string]any{"claimName": "read-disk"}}}
	domain["devices"].(map[string]any)["disks"] = []any{map[string]any{"name": "disk", "disk": map[string]any{"bus": "virtio"}}}
	s.Admin.MakeMachine(t, id, machine)
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)

	var found map[string]any
	s.Admin.Must(t, "GET", stage.MachinePath(id, namespace, name), nil, &found)
	s.Admin.MakeMachine(t, id, likeIt(found, name, twin))
	s.WaitState(t, id, namespace, twin, "Running", 2*time.Minute)
	unlike(t, s, name, twin)
	source := s.Kubectl(t, first, "", "get", "pvc", twin+"-disk", "-o", "jsonpath={.spec.dataSource}{.spec.dataSourceRef}")
	if strings.Contains(source, name+"-disk") {
		t.Errorf("the volume of the clone begins with the other's bytes: %s", source)
	}
	for _, each := range []string{twin, name} {
		s.Delete(t, stage.MachinePath(id, namespace, each)+"?removedDisks=disk")
	}
}

// likeIt is a machine to be made like one that was read.
func likeIt(found map[string]any, name, twin string) map[string]any {
	metadata := found["metadata"].(map[string]any)
	annotations := metadata["annotations"].(map[string]any)
	const templates = "harvesterhci.io/volumeClaimTemplates"
	spec, domain := within(found)
	delete(domain, "firmware")
	for _, card := range domain["devices"].(map[string]any)["interfaces"].([]any) {
		delete(card.(map[string]any), "macAddress")
	}
	spec["volumes"].([]any)[0].(map[string]any)["persistentVolumeClaim"] = map[string]any{"claimName": twin + "-disk"}
	return map[string]any{
		"type": found["type"], "apiVersion": found["apiVersion"], "kind": found["kind"], "spec": found["spec"],
		"metadata": map[string]any{"namespace": namespace, "name": twin, "annotations": map[string]any{
			templates: strings.ReplaceAll(annotations[templates].(string), name+"-disk", twin+"-disk"),
		}},
	}
}

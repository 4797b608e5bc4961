package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

const nodesPath = "/v1/harvester/nodes/"

// open brings a node back to what it was before a test.
func open(t *testing.T, name string) {
	t.Helper()
	t.Cleanup(func() {
		node := &corev1.Node{}
		node.Name = name
		patch := `{"spec":{"unschedulable":null},"metadata":{"annotations":null}}`
		if err := site.admin.Patch(context.Background(), node, client.RawPatch("application/merge-patch+json", []byte(patch))); err != nil {
			t.Error(err)
		}
	})
}

func nodeIs(t *testing.T, name, state string) {
	t.Helper()
	var got answer
	eventually(t, "node "+name+" is "+state, func() bool {
		got = ask(t, admin, http.MethodGet, nodesPath+name, "")
		return got.body.Metadata.State.Name == state
	})
	if t.Failed() {
		t.Fatalf("it is %+v, %v", got.body.Metadata.State, got.body.Unavailable)
	}
}

func onNode(t *testing.T, user, name, action, body string, want int) answer {
	t.Helper()
	got := ask(t, user, http.MethodPost, nodesPath+name+"?action="+action, body)
	if got.status != want {
		t.Fatalf("%s %s as %s: status %d, want %d: %s", action, name, user, got.status, want, got.text)
	}
	return got
}

// rawly sends a request whose answer is no object.
func rawly(t *testing.T, user, method, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, site.api.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+site.tokens[user])
	response, err := site.api.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestCordon(t *testing.T) {
	open(t, "b")
	onNode(t, owner, "b", "cordon", "", http.StatusNotFound) // who may not see nodes hears of none
	onNode(t, admin, "b", "cordon", "", http.StatusNoContent)
	nodeIs(t, "b", "cordoned")
	onNode(t, admin, "b", "cordon", "", http.StatusConflict)
	onNode(t, admin, "b", "uncordon", "", http.StatusNoContent)
	nodeIs(t, "b", "active")
}

func TestMaintenance(t *testing.T) {
	open(t, "a")
	m := running(t, "held")
	vmi := read(t, &kubevirt.VirtualMachineInstance{ObjectMeta: m.ObjectMeta})
	vmi.Labels = map[string]string{kubevirt.NodeNameLabel: "a"}
	vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{
		{Type: kubevirt.InstanceLiveMigratable, Status: corev1.ConditionFalse, Message: "it has a device of the host"},
	}
	if err := site.kubevirt.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	onNode(t, admin, "a", "maintenancePossible", "", http.StatusNoContent)
	if status, text := rawly(t, admin, http.MethodPost, nodesPath+"a?action=listUnhealthyVM"); status != http.StatusOK ||
		!strings.Contains(text, `"vms":["default/held"]`) {
		t.Errorf("the machine is named: %d %s", status, text)
	}
	onNode(t, admin, "a", "enableMaintenanceMode", `{"force":"maybe"}`, http.StatusUnprocessableEntity)
	refused := onNode(t, admin, "a", "enableMaintenanceMode", `{"force":"false"}`, http.StatusConflict)
	if !strings.Contains(refused.body.Message, "default/held: cannot be migrated: it has a device of the host") {
		t.Errorf("the refusal names what is in the way: %s", refused.body.Message)
	}
	onNode(t, viewer, "a", "enableMaintenanceMode", `{"force":"true"}`, http.StatusNotFound)
	onNode(t, admin, "a", "enableMaintenanceMode", `{"force":"true"}`, http.StatusNoContent)
	nodeIs(t, "a", "entering maintenance")
	onNode(t, admin, "a", "maintenancePossible", "", http.StatusConflict)
	onNode(t, admin, "a", "uncordon", "", http.StatusConflict)
	onNode(t, admin, "a", "disableMaintenanceMode", "", http.StatusNoContent)
	nodeIs(t, "a", "active")
	onNode(t, admin, "a", "powerActionPossible", "", http.StatusFailedDependency)
	onNode(t, admin, "a", "powerAction", `{"operation":"reboot"}`, http.StatusConflict)
	onNode(t, admin, "a", "enableCPUManager", "", http.StatusConflict)
}

func TestNodeMetadata(t *testing.T) {
	open(t, "c")
	got := ask(t, admin, http.MethodGet, nodesPath+"c", "")
	var node map[string]any
	if err := json.Unmarshal([]byte(got.text), &node); err != nil {
		t.Fatal(err)
	}
	metadata := node["metadata"].(map[string]any)
	metadata["annotations"] = map[string]any{"harvesterhci.io/host-custom-name": "rack 4"}
	metadata["labels"].(map[string]any)["zone"] = "west"
	body, err := json.Marshal(node)
	if err != nil {
		t.Fatal(err)
	}
	if put := ask(t, admin, http.MethodPut, nodesPath+"c", string(body)); put.status != http.StatusOK {
		t.Fatalf("a row is what is put back: %d %s", put.status, put.text)
	}
	now := &corev1.Node{}
	now.Name = "c"
	if read(t, now); now.Annotations["harvesterhci.io/host-custom-name"] != "rack 4" || now.Labels["zone"] != "west" {
		t.Errorf("names and labels are kept: %v %v", now.Annotations, now.Labels)
	}
}

func TestLocalCluster(t *testing.T) {
	whole := ask(t, admin, http.MethodGet, "/v1/harvester/cluster/local", "")
	if !strings.Contains(whole.text, "link=deviceCapacity") {
		t.Errorf("it names its links: %s", whole.text)
	}
	for _, link := range []string{"deviceCapacity", "machineTypes"} {
		for user, want := range map[string]int{admin: http.StatusOK, viewer: http.StatusForbidden} {
			if status, text := rawly(t, user, http.MethodGet, "/v1/harvester/cluster/local?link="+link); status != want {
				t.Errorf("%s for %s: %d, want %d: %s", link, user, status, want, text)
			}
		}
	}
	if wrong := ask(t, admin, http.MethodGet, "/v1/harvester/cluster/local?link=moon", ""); wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("a link that is not there: %d %s", wrong.status, wrong.text)
	}
}

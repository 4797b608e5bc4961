package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// TestWholeRow sends back what was shown, alone and in a list, as Harvester's pages and scripts do, and makes new objects
// of it. What rows have beside the object is neither refused nor kept.
func TestWholeRow(t *testing.T) {
	halted(t, "shown", nil)
	image := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "shown"}}
	image.Spec = harvesterv1.VirtualMachineImageSpec{DisplayName: "shown", SourceType: "download", URL: "http://images.example.org/shown"}
	create(t, image)
	image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageInitialized, Status: metav1.ConditionTrue}}
	if err := site.admin.Status().Update(t.Context(), image); err != nil {
		t.Fatal(err)
	}
	create(t, &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "shown"}, Value: "it"})
	create(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "shown"}, Data: map[string]string{"a": "b"}})
	create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "shown"}, Type: "example.org/kept", Data: map[string][]byte{"a": nil},
	})
	cases := map[string]struct {
		reason, kind, namespace string
	}{
		"Machine":   {"conditions have words of Steve's inside", "kubevirt.io.virtualmachines", home},
		"Image":     {"likewise, and links to its bytes", "harvesterhci.io.virtualmachineimages", home},
		"Setting":   {"it has no namespace", "harvesterhci.io.settings", ""},
		"ConfigMap": {"no capability serves it for what it is", "configmaps", home},
		"Secret":    {"it has a type of its own, which must be kept", "secrets", home},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kind := "/v1/harvester/" + tc.kind
			object := kind + strings.TrimSuffix("/"+tc.namespace, "/") + "/shown"
			for where, row := range map[string]map[string]any{"alone": shown(t, object), "in a list": listed(t, kind)} {
				row["metadata"].(map[string]any)["annotations"] = map[string]any{"example.org/sent-back": where}
				version := shown(t, object)["metadata"].(map[string]any)["resourceVersion"]
				delete(row["metadata"].(map[string]any), "resourceVersion")
				if put := ask(t, admin, http.MethodPut, object, text(t, row)); put.status != http.StatusUnprocessableEntity || put.body.FieldName != "metadata.resourceVersion" {
					t.Errorf("%s: PUT of it %s without its version: %d %s", tc.reason, where, put.status, put.text)
				}
				row["metadata"].(map[string]any)["resourceVersion"] = version
				if put := ask(t, admin, http.MethodPut, object, text(t, row)); put.status != http.StatusOK {
					t.Errorf("%s: PUT of it %s: %d %s", tc.reason, where, put.status, put.text)
				}
				kept(t, where, shown(t, object), row)
				row["metadata"].(map[string]any)["name"] = "copy"
				delete(row["metadata"].(map[string]any), "resourceVersion")
				if post := ask(t, admin, http.MethodPost, kind, text(t, row)); post.status != http.StatusCreated {
					t.Errorf("%s: POST of it %s: %d %s", tc.reason, where, post.status, post.text)
				}
				copied := strings.TrimSuffix(object, "shown") + "copy"
				kept(t, where, shown(t, copied), row)
				ask(t, admin, http.MethodDelete, copied, "")
				eventually(t, "the copy is gone", func() bool {
					return ask(t, admin, http.MethodGet, copied, "").status == http.StatusNotFound
				})
			}
		})
	}
}

// kept compares an object that is shown with what was sent.
func kept(t *testing.T, where string, got, sent map[string]any) {
	t.Helper()
	if metadata, _ := got["metadata"].(map[string]any); metadata == nil || text(t, metadata["annotations"]) != text(t, sent["metadata"].(map[string]any)["annotations"]) {
		t.Errorf("%s: it has what was sent: %v", where, got["metadata"])
	}
	if got["_type"] != sent["_type"] {
		t.Errorf("%s: it has the type that it had: %v, not %v", where, sent["_type"], got["_type"])
	}
}

// shown is an object as it is shown alone.
func shown(t *testing.T, path string) map[string]any {
	t.Helper()
	row := map[string]any{}
	if err := json.Unmarshal([]byte(ask(t, admin, http.MethodGet, path, "").text), &row); err != nil {
		t.Fatal(err)
	}
	return row
}

// listed is the object as it is shown in a list.
func listed(t *testing.T, kind string) map[string]any {
	t.Helper()
	var list struct{ Data []map[string]any }
	eventually(t, "the list knows it", func() bool {
		got := ask(t, admin, http.MethodGet, kind+"?filter=metadata.name=shown", "")
		return json.Unmarshal([]byte(got.text), &list) == nil && len(list.Data) == 1
	})
	return list.Data[0]
}

func text(t *testing.T, value any) string {
	t.Helper()
	written, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

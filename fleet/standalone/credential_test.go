package standalone_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// testCredential makes a cloud credential as the page does, and looks who sees what of it.
func testCredential(t *testing.T, h *hub, admin string) {
	const path, secret = "/v3/cloudcredentials", "clusters: [secret]"

	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"type": "user", "username": "carl", "name": "Carl", "password": password})
	other := h.login(t, "carl", password)
	order := map[string]any{
		"type": "cloudcredential", "name": "north", "annotations": map[string]any{"provisioning.cattle.io/driver": "croft", "field.cattle.io/creatorId": "u-somebody"},
		"croftcredentialConfig": map[string]any{"clusterType": "imported", "clusterId": "c-m-1", "kubeconfigContent": secret},
	}

	if got := h.do(t, other, http.MethodPost, path, map[string]any{"name": "empty"}); got.status != http.StatusUnprocessableEntity || got.text("fieldName") != "kubeconfigContent" {
		t.Errorf("without a kubeconfig: want 422 for it, got %d %s", got.status, got.body)
	}

	made := h.want(t, http.StatusCreated, other, http.MethodPost, path, order)
	id := made.text("id")

	if !strings.HasPrefix(id, "cattle-global-data:cc-") || strings.Contains(string(made.body), secret) || !strings.Contains(string(made.body), `"clusterId":"c-m-1"`) {
		t.Errorf("a credential shows its site and not its kubeconfig, got %s", made.body)
	}

	h.want(t, http.StatusOK, other, http.MethodPut, path+"/"+id, map[string]any{"name": "south"})

	direct, err := client.New(h.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	kept := &corev1.Secret{}
	if err := direct.Get(t.Context(), client.ObjectKey{Namespace: "cattle-global-data", Name: strings.TrimPrefix(id, "cattle-global-data:")}, kept); err != nil {
		t.Fatal(err)
	}

	if string(kept.Data["croftcredentialConfig-kubeconfigContent"]) != secret || kept.Annotations["field.cattle.io/name"] != "south" || kept.Annotations["field.cattle.io/creatorId"] == "u-somebody" {
		t.Errorf("what is not given stays, and nobody writes another's name: %v %v", kept.Annotations, kept.Data)
	}

	others := h.want(t, http.StatusCreated, admin, http.MethodPost, path, order).text("id")
	if got := h.want(t, http.StatusOK, other, http.MethodGet, path, nil); !strings.Contains(string(got.body), id) || strings.Contains(string(got.body), others) {
		t.Errorf("people see their own credentials, got %s", got.body)
	}

	h.want(t, http.StatusNotFound, other, http.MethodGet, path+"/"+others, nil)
	h.want(t, http.StatusNotFound, other, http.MethodDelete, path+"/"+others, nil)
	h.want(t, http.StatusNotFound, admin, http.MethodGet, path+"/cattle-global-data:token", nil)

	// Who may read the secrets there reads what it shows, and changes nothing.
	reads := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Namespace: "cattle-global-data", Name: "reads"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}}},
	}
	bound := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "cattle-global-data", Name: "reads"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reads"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: kept.Annotations["field.cattle.io/creatorId"]}},
	}
	for _, object := range []client.Object{reads, bound} {
		if err := direct.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}

	eventually(t, "the right to read is heard", func() error {
		if got := h.do(t, other, http.MethodGet, path+"/"+others, nil); got.status != http.StatusOK {
			return fmt.Errorf("got %d %s", got.status, got.body)
		}

		return nil
	})
	h.want(t, http.StatusForbidden, other, http.MethodPut, path+"/"+others, map[string]any{"name": "mine"})
	h.want(t, http.StatusForbidden, other, http.MethodDelete, path+"/"+others, nil)
	h.want(t, http.StatusOK, admin, http.MethodPut, path+"/"+others, map[string]any{"name": "east"})
	h.want(t, http.StatusOK, admin, http.MethodPut, path+"/"+id, map[string]any{"description": "of another"})
	h.want(t, http.StatusOK, admin, http.MethodDelete, path+"/"+id, nil)

	for _, schema := range []string{"cloudcredential", "croftcredentialconfig"} {
		if got := h.want(t, http.StatusOK, other, http.MethodGet, "/v3/schemas/"+schema, nil); !strings.Contains(string(got.body), "resourceFields") {
			t.Errorf("the page reads schema %s, got %s", schema, got.body)
		}
	}

	for _, list := range []string{"/v1-rke2-release/releases", "/v1-k3s-release/channels", "/v1/management.cattle.io.kontainerdrivers", "/v1/rke-machine-config.cattle.io.croftconfigs"} {
		h.want(t, http.StatusOK, admin, http.MethodGet, list, nil)
	}
}

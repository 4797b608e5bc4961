package main

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

const keypairs = "/v1/harvester/harvesterhci.io.keypairs"

// TestKeygen makes a pair over HTTP, and holds that its halves belong together.
func TestKeygen(t *testing.T) {
	control(t, "clusterrole-aggregation-controller")
	letIn(t)
	aggregate(t)
	pair := &harvesterv1.KeyPair{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "mine"}}
	t.Cleanup(func() { remove(t, pair) })
	cases := []struct {
		name   string
		reason string
		user   string
		body   string
		want   int
		field  string
	}{
		{"Viewer", "who may only look makes none", tenantViewer, `{"name":"mine","namespace":"tenant"}`, http.StatusForbidden, ""},
		{"Next", "nor does anybody in another's namespace", tenantEditor, `{"name":"mine","namespace":"default"}`, http.StatusForbidden, ""},
		{"NoName", "the field is named", tenantEditor, `{"namespace":"tenant"}`, http.StatusUnprocessableEntity, "name"},
		{"Made", "who may make keys makes one", tenantEditor, `{"name":"mine","namespace":"tenant"}`, http.StatusOK, ""},
		{"Taken", "and not another of its name", tenantEditor, `{"name":"mine","namespace":"tenant"}`, http.StatusConflict, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var got answer
			eventually(t, "the server knows the user's rights", func() bool {
				got = ask(t, tc.user, http.MethodPost, keypairs+"?action=keygen", tc.body)
				return got.status != http.StatusNotFound
			})
			if got.status != tc.want || got.body.FieldName != tc.field {
				t.Fatalf("%s: want %d and %q, got %d %s", tc.reason, tc.want, tc.field, got.status, got.text)
			}
			if tc.want != http.StatusOK {
				return
			}
			requirePair(t, pair, got.text)
		})
	}
}

// requirePair holds that a private key is the other half of a pair.
func requirePair(t *testing.T, pair *harvesterv1.KeyPair, private string) {
	t.Helper()
	signer, err := ssh.ParsePrivateKey([]byte(private))
	if err != nil {
		t.Fatalf("ssh reads what was answered: %v\n%s", err, private)
	}
	if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(pair), pair); err != nil {
		t.Fatal(err)
	}
	if line := string(ssh.MarshalAuthorizedKey(signer.PublicKey())); !strings.HasPrefix(pair.Spec.PublicKey, strings.TrimSpace(line)) {
		t.Errorf("the public half is kept: %s", pair.Spec.PublicKey)
	}
}

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// credentialSite is a site as far as the minting of credentials sees it. Everything else is the real API server's, which
// judges by the rights of whoever is impersonated. The real answer is backend/credential's, with tests of its own.
type credentialSite struct {
	next   http.Handler
	client client.Client

	lock sync.Mutex
	// users are who asked for each account.
	users map[string]string
}

const mintedConfig = `{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u","namespace":"guests"}}],
"clusters":[{"name":"c","cluster":{"server":"https://192.0.2.1:6443"}}],"users":[{"name":"u","user":{"token":"minted"}}]}`

func (s *credentialSite) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost || req.URL.Path != "/v1/harvester/kubeconfig" {
		s.next.ServeHTTP(w, req)
		return
	}
	var asked struct{ Namespace, ServiceAccountName string }
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		say(w, http.StatusBadRequest, err.Error())
		return
	}
	who := req.Header.Get("Impersonate-User")
	s.lock.Lock()
	s.users[asked.ServiceAccountName] = who
	s.lock.Unlock()
	if who != "u-ann" {
		say(w, http.StatusForbidden, who+" may not create service accounts in "+asked.Namespace)
		return
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: asked.Namespace, Name: asked.ServiceAccountName}}
	if err := s.client.Create(req.Context(), account); err != nil && !apierrors.IsAlreadyExists(err) {
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	_ = json.NewEncoder(w).Encode(mintedConfig)
}

func (s *credentialSite) askedBy(account string) string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.users[account]
}

// chartCredentials makes the kind, its policy and the fleet's account with the chart's own rights.
func (p *plane) chartCredentials(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "charts", "croft-fleet", "templates", "crd-guestcredential.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(text, definition); err != nil {
		t.Fatal(err)
	}
	p.create(t, definition)
	charted := render(t, "croft-fleet", nil)
	for name, into := range map[string]client.Object{
		"ValidatingAdmissionPolicy guestcredentials.crofthci.io":        &admissionv1.ValidatingAdmissionPolicy{},
		"ValidatingAdmissionPolicyBinding guestcredentials.crofthci.io": &admissionv1.ValidatingAdmissionPolicyBinding{},
		"ClusterRole croft-fleet":                                       &rbacv1.ClusterRole{},
		"ClusterRoleBinding croft-fleet":                                &rbacv1.ClusterRoleBinding{},
		"Role croft-fleet":                                              &rbacv1.Role{},
		"RoleBinding croft-fleet":                                       &rbacv1.RoleBinding{},
		"Role croft-fleet-guestcredential":                              &rbacv1.Role{},
		"RoleBinding croft-fleet-guestcredential":                       &rbacv1.RoleBinding{},
	} {
		if err := yaml.UnmarshalStrict([]byte(charted[name]), into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p.create(t, into)
	}
	eventually(t, "the policy counts", func() bool {
		return apierrors.IsForbidden(p.client.Create(t.Context(), forged("forged", "somebody"), client.DryRunAll))
	})
}

func forged(name, creator string) *fleetv1.GuestCredential {
	return &fleetv1.GuestCredential{
		ObjectMeta: metav1.ObjectMeta{Namespace: "fleet-default", Name: name},
		Spec:       fleetv1.GuestCredentialSpec{Creator: fleetv1.BulkCreator{Username: creator}, Site: near, MachineNamespace: "guests"},
	}
}

// wanted is what a page sends to have a credential made.
func wanted(name string) map[string]any {
	return map[string]any{"metadata": map[string]any{"namespace": "fleet-default", "name": name}, "spec": map[string]any{"site": near, "machineNamespace": "guests"}}
}

// shownCredential is as much of a credential as the tests look at. The status of a refusal is a number.
type shownCredential struct {
	Message string
	Status  json.RawMessage
}

// status is that of a credential; of a refusal it is empty.
func (s shownCredential) status() fleetv1.GuestCredentialStatus {
	var status fleetv1.GuestCredentialStatus
	_ = json.Unmarshal(s.Status, &status)
	return status
}

func (s shownCredential) reason() string {
	for _, condition := range s.status().Conditions {
		return condition.Reason
	}
	return ""
}

// testCredentials goes through the life of a guest cluster's credential: minted as who asks for it and nobody else, kept in
// a secret as Rancher hands it to nodes, taken back with the cluster.
func testCredentials(t *testing.T, p *plane, site *credentialSite, ann, bob, eve caller) {
	const path = "/v1/croft/guestcredentials"
	var shown shownCredential
	t.Run("NotAllowedInHub", func(t *testing.T) {
		if status := eve.send(t, http.MethodPost, path, wanted("prod"), &shown); status != 403 || shown.Message == "" {
			t.Errorf("who may make no clusters is answered %d %+v", status, shown)
		}
	})
	t.Run("Minted", func(t *testing.T) {
		if status := ann.send(t, http.MethodPost, path, wanted("prod"), &shown); status != 201 {
			t.Fatalf("got %d %+v", status, shown)
		}
		eventually(t, "it is minted", func() bool {
			shown = shownCredential{}
			return ann.get(t, path+"/fleet-default/prod", &shown) == 200 && shown.reason() == fleetv1.ReasonCredentialMinted
		})
		if shown.status().CloudProviderConfig != "secret://fleet-default:harvesterconfig-prod" || site.askedBy("prod") != "u-ann" {
			t.Errorf("it is %+v, asked for by %q", shown.status(), site.askedBy("prod"))
		}
		secret := &corev1.Secret{}
		if err := p.client.Get(t.Context(), client.ObjectKey{Namespace: "fleet-default", Name: "harvesterconfig-prod"}, secret); err != nil {
			t.Fatal(err)
		}
		if string(secret.Data["credential"]) != mintedConfig || secret.Annotations["v2prov-secret-authorized-for-cluster"] != "prod" ||
			secret.Annotations["v2prov-authorized-secret-deletes-on-cluster-removal"] != "true" || len(secret.OwnerReferences) != 1 {
			t.Errorf("the secret is %+v", secret)
		}
		if status := eve.get(t, path+"/fleet-default/prod", &shown); status != 404 {
			t.Errorf("who may not see the cluster is shown its credential: %d", status)
		}
	})
	t.Run("RefusedBySite", func(t *testing.T) {
		if status := bob.send(t, http.MethodPost, path, wanted("later"), &shown); status != 201 {
			t.Fatalf("got %d %+v", status, shown)
		}
		eventually(t, "the site's refusal is told", func() bool {
			shown = shownCredential{}
			return bob.get(t, path+"/fleet-default/later", &shown) == 200 && shown.reason() == fleetv1.ReasonCredentialRefused
		})
		if message := shown.status().Conditions[0].Message; message != "u-bob may not create service accounts in guests" || shown.status().SecretName != "" {
			t.Errorf("he is told %q, secret %q", message, shown.status().SecretName)
		}
	})
	t.Run("TakenBack", func(t *testing.T) {
		if err := p.client.Delete(t.Context(), guest("prod")); err != nil {
			t.Fatal(err)
		}
		gone := func(object client.Object, namespace, name string) bool {
			return apierrors.IsNotFound(p.client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, object))
		}
		eventually(t, "the account at the site is gone", func() bool { return gone(&corev1.ServiceAccount{}, "guests", "prod") })
		eventually(t, "the credential is gone", func() bool { return gone(&fleetv1.GuestCredential{}, "fleet-default", "prod") })
	})
}

package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
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
	// users are who asked for each account, roles what it was asked for with, and times how often.
	users map[string]string
	roles map[string][]string
	times map[string]int
	// away are the accounts for which the site does not answer.
	away map[string]bool
}

const mintedConfig = `{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u","namespace":"guests"}}],
"clusters":[{"name":"c","cluster":{"server":"https://192.0.2.1:6443"}}],"users":[{"name":"u","user":{"token":"minted"}}]}`

func (s *credentialSite) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost || req.URL.Path != "/v1/harvester/kubeconfig" {
		s.next.ServeHTTP(w, req)
		return
	}
	var asked struct{ Namespace, ServiceAccountName, ClusterRoleName, CSIClusterRoleName, NodeDriverClusterRoleName string }
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		say(w, http.StatusBadRequest, err.Error())
		return
	}
	who := req.Header.Get("Impersonate-User")
	s.lock.Lock()
	s.users[asked.ServiceAccountName] = who
	s.roles[asked.ServiceAccountName] = []string{asked.ClusterRoleName, asked.CSIClusterRoleName, asked.NodeDriverClusterRoleName}
	s.times[asked.ServiceAccountName]++
	away := s.away[asked.ServiceAccountName]
	s.lock.Unlock()
	if away {
		say(w, http.StatusBadGateway, "the site is away")
		return
	}
	if who != "u-ann" {
		say(w, http.StatusForbidden, who+" may not create service accounts in "+asked.Namespace)
		return
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: asked.Namespace, Name: asked.ServiceAccountName}}
	if err := s.client.Create(req.Context(), account); err != nil && !apierrors.IsAlreadyExists(err) {
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	_ = json.NewEncoder(w).Encode(mintedFor(asked.ServiceAccountName))
}

// mintedFor is what the site answers; the token of the account short is good for a minute.
func mintedFor(account string) string {
	if account != "short" {
		return mintedConfig
	}
	claims, _ := json.Marshal(map[string]int64{"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()})
	return strings.Replace(mintedConfig, `"minted"`, `"e30.`+base64.RawURLEncoding.EncodeToString(claims)+`.x"`, 1)
}

// leave has the site not answer for an account, or answer again.
func (s *credentialSite) leave(account string, away bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.away[account] = away
}

// asked is with which roles a site was asked for an account, and how often.
func (s *credentialSite) asked(account string) (roles []string, times int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.roles[account], s.times[account]
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
	reasonOf := func(name string) string {
		shown := shownCredential{}
		ann.get(t, path+"/fleet-default/"+name, &shown)
		return shown.reason()
	}
	site.leave("lost", true)
	for _, name := range []string{"lost", "short"} {
		if status := ann.send(t, http.MethodPost, path, wanted(name), &shown); status != 201 {
			t.Fatalf("got %d %+v", status, shown)
		}
	}
	t.Run("Away", func(t *testing.T) {
		eventually(t, "it is told that the site has not answered", func() bool { return reasonOf("lost") == fleetv1.ReasonCredentialUnreachable })
		site.leave("lost", false)
	})
	t.Run("NotAllowedInHub", func(t *testing.T) {
		if status := eve.send(t, http.MethodPost, path, wanted("prod"), &shown); status != 403 || shown.Message == "" {
			t.Errorf("who may make no clusters is answered %d %+v", status, shown)
		}
	})
	t.Run("Minted", func(t *testing.T) {
		order := wanted("prod")
		order["spec"].(map[string]any)["nodeDriver"] = true
		if status := ann.send(t, http.MethodPost, path, order, &shown); status != 201 {
			t.Fatalf("got %d %+v", status, shown)
		}
		eventually(t, "it is minted", func() bool { return reasonOf("prod") == fleetv1.ReasonCredentialMinted })
		ann.get(t, path+"/fleet-default/prod", &shown)
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
	t.Run("NodeDriver", func(t *testing.T) {
		told := shownCredential{}
		ann.get(t, path+"/fleet-default/prod", &told)
		if name := told.status().CloudCredentialSecretName; name != "croftcredential-prod" {
			t.Fatalf("the cluster names it as %q", name)
		}
		secret := &corev1.Secret{}
		if err := p.client.Get(t.Context(), client.ObjectKey{Namespace: "fleet-default", Name: "croftcredential-prod"}, secret); err != nil {
			t.Fatal(err)
		}
		if string(secret.Data["croftcredentialConfig-kubeconfigContent"]) != mintedConfig || secret.Annotations["v2prov-secret-authorized-for-cluster"] != "" {
			t.Errorf("Rancher's driver finds its kubeconfig, and no node is handed it: %+v", secret)
		}
		for account, want := range map[string][]string{
			"prod":             {"harvesterhci.io:cloudprovider", "harvesterhci.io:csi-driver", ""},
			"prod.node-driver": {"", "", "harvesterhci.io:node-driver"},
		} {
			if got, _ := site.asked(account); !slices.Equal(got, want) || site.askedBy(account) != "u-ann" {
				t.Errorf("%s is minted with %q as %s, want %q", account, got, site.askedBy(account), want)
			}
		}
	})
	t.Run("Shared", func(t *testing.T) {
		cases := map[string]struct {
			reason, user, secret string
			want                 bool
		}{
			"Creator": {"Rancher lets him name it in his cluster", "u-ann", "croftcredential-prod", true},
			"Nodes":   {"what the nodes get he need not name by a right of his own", "u-ann", "harvesterconfig-prod", false},
			"Other":   {"it is nobody else's", "u-bob", "croftcredential-prod", false},
		}
		for name, tc := range cases {
			review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User: tc.user, ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: "fleet-default", Resource: "secrets", Verb: "get", Name: tc.secret},
			}}
			if err := p.client.Create(t.Context(), review); err != nil || review.Status.Allowed != tc.want {
				t.Errorf("%s: %s: allowed %t, %v", name, tc.reason, review.Status.Allowed, err)
			}
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
		for _, account := range []string{"prod", "prod.node-driver"} {
			eventually(t, "the account at the site is gone: "+account, func() bool { return gone(&corev1.ServiceAccount{}, "guests", account) })
		}
		eventually(t, "the credential is gone", func() bool { return gone(&fleetv1.GuestCredential{}, "fleet-default", "prod") })
	})
	// The minute for both has begun at the top.
	t.Run("Returned", func(t *testing.T) {
		eventually(t, "the site is asked again by itself", func() bool { return reasonOf("lost") == fleetv1.ReasonCredentialMinted })
	})
	t.Run("Renewed", func(t *testing.T) {
		eventually(t, "it is asked for again before it is over", func() bool {
			_, times := site.asked("short")
			return times > 1
		})
	})
}

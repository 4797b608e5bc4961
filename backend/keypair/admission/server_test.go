package admission_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/backend/keypair/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICVH4xHPbbNiTPjTGqi2HtwIkdN1gyDtRCJpre7a6RKX me@example.org"

func pair(name, public string) *harvesterv1.KeyPair {
	return &harvesterv1.KeyPair{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: harvesterv1.KeyPairSpec{PublicKey: public},
	}
}

func TestOnServer(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme}, SetUp: admission.SetUp, Webhook: hooks.Server,
	})
	old := pair("old", "nonsense")
	c.Make(old)
	hooks.Call(c, admission.Path)
	cases := map[string]struct {
		reason string
		public string
		says   string
	}{
		"good":    {"a line of an authorized_keys file", key, ""},
		"empty":   {"an object without a key is none", "", "spec.publicKey: Required value"},
		"none":    {"nor is any other text a key", "nonsense", "publicKey is no line of an authorized_keys file"},
		"two":     {"one object is one key", key + "\n" + key, "publicKey has more than one line"},
		"private": {"the wrong half is not taken", "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n", "publicKey is no line"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			made := pair(name, tc.public)
			err := c.Create(t.Context(), made)
			if err == nil {
				c.For(t).RemoveLater(made)
			}
			requireRefused(t, err, tc.says, tc.reason)
			if err != nil && strings.Contains(err.Error(), "c2VjcmV0") {
				t.Errorf("a private half is not repeated: %v", err)
			}
		})
	}
	t.Run("Labelled", func(t *testing.T) {
		old.Labels = map[string]string{"of": "mine"}
		requireRefused(t, c.Update(t.Context(), old), "", "what is older than the check can be labelled")
	})
	t.Run("Changed", func(t *testing.T) {
		old.Spec.PublicKey = key
		requireRefused(t, c.Update(t.Context(), old), "publicKey cannot be changed once the key exists", "machines have the key that it was")
	})
}

// requireRefused holds that a refusal is a 422 that names the field and says something, or that there is none.
func requireRefused(t *testing.T, err error, says, reason string) {
	t.Helper()
	if says == "" {
		if err != nil {
			t.Errorf("%s: %v", reason, err)
		}
		return
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Code != http.StatusUnprocessableEntity || !strings.Contains(err.Error(), says) {
		t.Fatalf("%s: want %q, got %v", reason, says, err)
	}
	if causes := status.Status().Details.Causes; len(causes) == 0 || causes[0].Field != "spec.publicKey" {
		t.Errorf("%s: the field is named: %+v", reason, causes)
	}
}

package validate_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/keypair/validate"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

// key and its fingerprint, as ssh-keygen -l -E md5 tells it.
const (
	key         = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICVH4xHPbbNiTPjTGqi2HtwIkdN1gyDtRCJpre7a6RKX me@example.org"
	fingerprint = "64:28:94:fe:a9:e4:52:09:27:28:7e:12:cc:91:4a:94"
)

func TestFingerprint(t *testing.T) {
	cases := map[string]struct {
		reason string
		line   string
		want   string
		says   string
	}{
		"Good":    {"as ssh-keygen tells it", key, fingerprint, ""},
		"Newline": {"a line may end", key + "\n", fingerprint, ""},
		"Bare":    {"a comment is not needed", strings.TrimSuffix(key, " me@example.org"), fingerprint, ""},
		"Cut":     {"half a key is none", key[:40], "", "publicKey is no line"},
		"Private": {"nor is the wrong half", "-----BEGIN OPENSSH PRIVATE KEY-----", "", "publicKey is no line"},
		"Two":     {"one object is one key", key + "\n" + key, "", "publicKey has more than one line"},
		"Empty":   {"nothing is no key", "", "", "publicKey is no line"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := validate.Fingerprint(tc.line)
			if got != tc.want || (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: want %q and %q, got %q and %v", tc.reason, tc.want, tc.says, got, err)
			}
		})
	}
}

func TestValidated(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return validate.New(to).SetUp(to) },
	})
	cases := map[string]struct {
		reason string
		key    string
		status metav1.ConditionStatus
		want   string
	}{
		"good": {"people compare the fingerprint", key, metav1.ConditionTrue, fingerprint},
		"none": {"what is no key has no fingerprint", "nonsense", metav1.ConditionFalse, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := c.For(t)
			pair := &harvesterv1.KeyPair{
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: harvesterv1.KeyPairSpec{PublicKey: tc.key},
			}
			c.Make(pair)
			manager.Until(c, pair, "say whether it is a key", func(p *harvesterv1.KeyPair) bool {
				validated := harvesterv1.ConditionOf(p.Status.Conditions, harvesterv1.KeyPairValidated)
				return validated != nil && validated.Status == tc.status
			})
			if diff := cmp.Diff(tc.want, pair.Status.FingerPrint); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

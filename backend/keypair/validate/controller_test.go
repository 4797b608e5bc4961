package validate_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/md5" //nolint:gosec // as ssh-keygen -l -E md5 tells a key
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
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
		health string
	}{
		"good": {"people compare the fingerprint", key, metav1.ConditionTrue, fingerprint, manager.Current},
		"none": {"what is no key has no fingerprint", "nonsense", metav1.ConditionFalse, "", manager.Failed},
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
			if health := c.Health(pair); health != tc.health {
				t.Errorf("%s: who waits for it is told %s, not %s", tc.reason, tc.health, health)
			}
		})
	}
}

// TestEveryKindOfKey reads a key of every kind that ssh-keygen makes, and a certificate of one.
func TestEveryKindOfKey(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate := &ssh.Certificate{Key: signer.PublicKey(), CertType: ssh.UserCert, ValidBefore: ssh.CertTimeInfinity}
	if err := certificate.SignCert(rand.Reader, signer); err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := curve.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	modulus, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	const application = "ssh:"
	wire := map[string][]byte{
		"ssh-ed25519":                        signer.PublicKey().Marshal(),
		"ssh-ed25519-cert-v01@openssh.com":   certificate.Marshal(),
		"ecdsa-sha2-nistp256":                marshal(t, &curve.PublicKey),
		"ssh-rsa":                            marshal(t, &modulus.PublicKey),
		"sk-ssh-ed25519@openssh.com":         ssh.Marshal(struct{ Name, Key, Application string }{"sk-ssh-ed25519@openssh.com", string(public), application}),
		"sk-ecdsa-sha2-nistp256@openssh.com": ssh.Marshal(struct{ Name, Curve, Key, Application string }{"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", string(point), application}),
	}
	for kind, bytes := range wire {
		t.Run(kind, func(t *testing.T) {
			got, err := validate.Fingerprint(kind + " " + base64.StdEncoding.EncodeToString(bytes) + " me")
			if err != nil {
				t.Fatal(err)
			}
			want := md5.Sum(bytes)
			if kind == "ssh-ed25519-cert-v01@openssh.com" {
				want = md5.Sum(signer.PublicKey().Marshal())
			}
			if got = strings.ReplaceAll(got, ":", ""); got != hex.EncodeToString(want[:]) {
				t.Errorf("want %x, got %s", want, got)
			}
		})
	}
}

func marshal(t *testing.T, public any) []byte {
	t.Helper()
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key.Marshal()
}

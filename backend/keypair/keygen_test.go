package keypair

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func TestGenerate(t *testing.T) {
	private, line, err := generate("mine")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		t.Fatalf("ssh reads the private half: %v", err)
	}
	public, comment, _, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil || len(rest) > 0 || comment != "mine" || strings.Contains(line, "\n") {
		t.Fatalf("the public half is one line, with the key's name: %q %v", line, err)
	}
	if string(public.Marshal()) != string(signer.PublicKey().Marshal()) {
		t.Error("the halves belong together")
	}
	block, _ := pem.Decode(private)
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil || key.N.BitLen() != bits {
		t.Errorf("clients expect an RSA key in PEM: %v", err)
	}
}

func TestCheck(t *testing.T) {
	cases := map[string]struct {
		reason string
		input  KeygenInput
		field  string
	}{
		"Good":        {"a name and a place", KeygenInput{"mine", "default"}, ""},
		"NoName":      {"the public half is kept under a name", KeygenInput{"", "default"}, "name"},
		"Upper":       {"which Kubernetes must take", KeygenInput{"Mine", "default"}, "name"},
		"NoNamespace": {"in a namespace", KeygenInput{"mine", ""}, "namespace"},
		"Path":        {"which is no path", KeygenInput{"mine", "a/b"}, "namespace"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := check(tc.input)
			var refusal *capability.InputError
			if tc.field == "" && err != nil || tc.field != "" && (!errors.As(err, &refusal) || refusal.Field != tc.field) {
				t.Errorf("%s: want %q named, got %v", tc.reason, tc.field, err)
			}
		})
	}
}

func TestState(t *testing.T) {
	with := func(status metav1.ConditionStatus, message string) *harvesterv1.KeyPair {
		pair := &harvesterv1.KeyPair{}
		pair.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.KeyPairValidated, Status: status, Message: message}}
		return pair
	}
	cases := map[string]struct {
		reason string
		pair   *harvesterv1.KeyPair
		want   capability.State
	}{
		"New":     {"nobody has looked at it", &harvesterv1.KeyPair{}, capability.State{Name: "Validating", Transitioning: true}},
		"Good":    {"it can be used", with("True", ""), capability.State{Name: "Active"}},
		"Invalid": {"it is older than the check", with("False", "no key"), capability.State{Name: "Invalid", Error: true, Message: "no key"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := State(tc.pair); got != tc.want {
				t.Errorf("%s: want %+v, got %+v", tc.reason, tc.want, got)
			}
		})
	}
}

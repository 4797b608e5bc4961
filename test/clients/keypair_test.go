package clients

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"golang.org/x/crypto/ssh"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// publicKey is a new line for authorized_keys, and its fingerprint.
func publicKey(t *testing.T) (line, fingerprint string) {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))), ssh.FingerprintLegacyMD5(key)
}

// makeKey makes a key as the Terraform provider does, and waits until it is validated.
func (s *site) makeKey(t *testing.T, name, line string) *harvesterv1.KeyPair {
	t.Helper()
	keys := s.harvester.HarvesterhciV1beta1().KeyPairs(s.namespace)
	key := &harvesterv1.KeyPair{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: s.namespace},
		Spec:       harvesterv1.KeyPairSpec{PublicKey: line},
	}
	if _, err := keys.Create(t.Context(), key, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var found *harvesterv1.KeyPair
	eventually(t, "key "+name, func() (err error) {
		if found, err = keys.Get(t.Context(), name, metav1.GetOptions{}); err != nil {
			return err
		}
		if !harvesterv1.KeyPairValidated.IsTrue(found) {
			return fmt.Errorf("not validated: %+v", found.Status)
		}
		return nil
	})
	return found
}

func TestKeyPair(t *testing.T) {
	s := open(t, "clients-key")
	keys := s.harvester.HarvesterhciV1beta1().KeyPairs(s.namespace)
	line, fingerprint := publicKey(t)
	key := s.makeKey(t, "mine", line)
	if key.Status.FingerPrint != fingerprint {
		t.Errorf("fingerprint %q, want %q", key.Status.FingerPrint, fingerprint)
	}
	key.Labels = map[string]string{"tag.harvesterhci.io/ssh": "mine"}
	key, err := keys.Update(t.Context(), key, metav1.UpdateOptions{})
	if err != nil {
		t.Fatalf("tags are labels, and change: %v", err)
	}
	listed, err := keys.List(t.Context(), metav1.ListOptions{LabelSelector: "tag.harvesterhci.io/ssh=mine"})
	if err != nil || len(listed.Items) != 1 {
		t.Errorf("found by its tag: %v, %v", listed, err)
	}
	wrong := &harvesterv1.KeyPair{ObjectMeta: metav1.ObjectMeta{Name: "wrong"}, Spec: harvesterv1.KeyPairSpec{PublicKey: "ssh-rsa nothing"}}
	if _, err := keys.Create(t.Context(), wrong, metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
		t.Errorf("what is no key is refused as invalid: %v", err)
	}
	if err := keys.Delete(t.Context(), key.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	gone(t, "key", func() error {
		_, err := keys.Get(t.Context(), key.Name, metav1.GetOptions{})
		return err
	})
}

// TestKeyGen has the server make a key, with the input type of Harvester's.
func TestKeyGen(t *testing.T) {
	s := open(t, "clients-keygen")
	answer := s.raw(t, http.MethodPost, "harvesterhci.io.keypairs?action=keygen", harvesterv1.KeyGenInput{Name: "made", Namespace: s.namespace})
	private, err := ssh.ParsePrivateKey(answer)
	if err != nil {
		t.Fatalf("the answer is the private half: %v", err)
	}
	key, err := s.harvester.HarvesterhciV1beta1().KeyPairs(s.namespace).Get(t.Context(), "made", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(private.PublicKey())))
	if !strings.HasPrefix(key.Spec.PublicKey, want) {
		t.Errorf("the public half belongs to it: %q, want %q", key.Spec.PublicKey, want)
	}
}

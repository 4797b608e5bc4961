package keypair

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// KeygenInput says what the new key is called.
type KeygenInput struct {
	// Name is the key's name. Needed.
	Name string `json:"name"`
	// Namespace is where the public half is kept. Needed.
	Namespace string `json:"namespace"`
}

// keygen makes a pair. The private half exists in the answer alone: who loses it makes another pair.
func keygen(ctx context.Context, caller capability.Caller, input KeygenInput) (*capability.Stream, error) {
	if err := check(input); err != nil {
		return nil, err
	}
	private, public, err := generate(input.Name)
	if err != nil {
		return nil, err
	}
	pair := &harvesterv1.KeyPair{
		ObjectMeta: metav1.ObjectMeta{Namespace: input.Namespace, Name: input.Name},
		Spec:       harvesterv1.KeyPairSpec{PublicKey: public},
	}
	if err := caller.Client.Create(ctx, pair); err != nil {
		return nil, err
	}
	return &capability.Stream{
		Name: input.Name + ".pem", ContentType: "application/octet-stream",
		Size: int64(len(private)), Body: io.NopCloser(bytes.NewReader(private)),
	}, nil
}

// check refuses names that no object can have.
func check(input KeygenInput) error {
	for _, name := range []struct {
		field, value string
		problems     func(string) []string
	}{
		{"name", input.Name, validation.IsDNS1123Subdomain},
		{"namespace", input.Namespace, validation.IsDNS1123Label},
	} {
		if name.value == "" {
			return capability.Refuse(name.field, "%s is needed.", name.field)
		}
		if problems := name.problems(name.value); len(problems) > 0 {
			return capability.Refuse(name.field, "%s cannot be %q: %s.", name.field, name.value, strings.Join(problems, ", "))
		}
	}
	return nil
}

// bits are the length of a key. RSA is what every SSH server takes, also those that FIPS 140 keeps from newer kinds.
const bits = 3072

// generate makes the two halves: a PEM file as ssh reads it, and a line of an authorized_keys file.
func generate(comment string) (private []byte, public string, err error) {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, "", fmt.Errorf("make a key: %w", err)
	}
	half, err := ssh.NewPublicKey(&key.PublicKey)
	if err != nil {
		return nil, "", fmt.Errorf("make the public half of a key: %w", err)
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(half))) + " " + comment
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return pem.EncodeToMemory(block), line, nil
}

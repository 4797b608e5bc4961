package longhorn

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// keyOf is the key of a secret that the key itself is under.
const keyOf = "CRYPTO_KEY_VALUE"

// clone opens another image's file, enciphered or deciphered, which is the same here.
func (m *Manager) clone(ctx context.Context, parameters map[string]string) (io.ReadCloser, int64, error) {
	stream, err := Cipher(ctx, m.Client, parameters["secret-namespace"], parameters["secret"])
	if err != nil {
		return nil, 0, err
	}
	from, size, err := file(diskIn(m.Dir, parameters["backing-image"]))
	if err != nil {
		return nil, 0, fmt.Errorf("backing image %s has no file: %w", parameters["backing-image"], err)
	}
	return struct {
		io.Reader
		io.Closer
	}{cipher.StreamReader{S: stream, R: from}, from}, size, nil
}

// Cipher is what enciphers and deciphers with the key in a secret.
func Cipher(ctx context.Context, from client.Reader, namespace, name string) (cipher.Stream, error) {
	secret := &corev1.Secret{}
	if err := from.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, secret); err != nil {
		return nil, fmt.Errorf("failed to get the secret %s in the namespace %s", name, namespace)
	}
	if len(secret.Data[keyOf]) == 0 {
		return nil, fmt.Errorf("the secret %s/%s has no %s", namespace, name, keyOf)
	}
	key := sha256.Sum256(secret.Data[keyOf])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewCTR(block, make([]byte, aes.BlockSize)), nil
}

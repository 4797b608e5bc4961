package controlplane

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Leeway is how long the API server still takes a token that has expired: clocks differ.
const Leeway = time.Minute

// AccountToken is a token of a service account that expires when it is told to. The API server itself gives out none that
// are good for less than ten minutes.
func (p *PKI) AccountToken(account *corev1.ServiceAccount, expires time.Time) (string, error) {
	file, err := os.ReadFile(p.file("sa.key"))
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	block, _ := pem.Decode(file)
	if block == nil {
		return "", fmt.Errorf("sign a token: %s is no key", p.file("sa.key"))
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	made := expires.Add(-time.Hour).Unix()
	claims, err := json.Marshal(map[string]any{
		"iss": Issuer, "aud": []string{Issuer}, "sub": "system:serviceaccount:" + account.Namespace + ":" + account.Name,
		"iat": made, "nbf": made, "exp": expires.Unix(),
		"kubernetes.io": map[string]any{
			"namespace": account.Namespace, "serviceaccount": map[string]any{"name": account.Name, "uid": account.UID},
		},
	})
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed(key, claims)
}

// signed is a token in the form of RFC 7519, by ES256.
func signed(key *ecdsa.PrivateKey, claims []byte) (string, error) {
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	const half = 32
	signature := make([]byte, 2*half)
	r.FillBytes(signature[:half])
	s.FillBytes(signature[half:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// Package certificate makes the hub's own authority and serving certificate and
// keeps both in Secrets, so that a restart serves the same authority and every
// site goes on trusting it. It asks no outside authority; whoever has one puts
// it into the Secrets. Begin reading at Keep.
package certificate

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Names of the Secrets, as Rancher has them.
const (
	// Namespace is where both Secrets are.
	Namespace = "cattle-system"
	// AuthoritySecret holds the authority's certificate and key.
	AuthoritySecret = "tls-rancher-internal-ca" //nolint:gosec // a name, not a credential.
	// ServingSecret holds the serving certificate and key.
	ServingSecret = "tls-rancher-internal" //nolint:gosec // a name, not a credential.
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	servingLife   = 365 * 24 * time.Hour
	// renewBefore is how long before its end a serving certificate is replaced.
	renewBefore = 60 * 24 * time.Hour
)

// Pair is the serving certificate and the authority that signed it.
type Pair struct {
	// AuthorityPEM is what clients trust; Rancher's setting cacerts.
	AuthorityPEM []byte
	// Serving is what the listener presents.
	Serving tls.Certificate
}

// Checksum is the SHA-256 of an authority's PEM in hex, which agents compare
// (CATTLE_CA_CHECKSUM).
func Checksum(authorityPEM []byte) string {
	sum := sha256.Sum256(authorityPEM)

	return hex.EncodeToString(sum[:])
}

// Ensure reads the authority and the serving certificate for those names, and
// makes what is missing. A serving certificate that ends soon or does not fit is
// replaced; an authority never is, for every site trusts it.
func Ensure(ctx context.Context, c client.Client, names []string, now time.Time) (*Pair, error) {
	authority, err := ensureAuthority(ctx, c, now)
	if err != nil {
		return nil, fmt.Errorf("authority of the hub: %w", err)
	}

	serving, err := ensureServing(ctx, c, authority, names, now)
	if err != nil {
		return nil, fmt.Errorf("serving certificate of the hub: %w", err)
	}

	pair, err := tls.X509KeyPair(serving.certPEM, serving.keyPEM)
	if err != nil {
		return nil, fmt.Errorf("serving certificate of the hub: %w", err)
	}

	return &Pair{AuthorityPEM: authority.certPEM, Serving: pair}, nil
}

// material is a certificate with its key, both as PEM and as what they mean.
type material struct {
	certPEM, keyPEM []byte
	leaf            *x509.Certificate
	key             crypto.Signer
}

// newAuthorityHint is how a person goes on who wants another authority.
const newAuthorityHint = "delete the secret for a new authority, and then apply each site's manifest again"

func ensureAuthority(ctx context.Context, c client.Client, now time.Time) (*material, error) {
	secret, err := read(ctx, c, AuthoritySecret)
	if err != nil {
		return nil, err
	}

	if secret == nil {
		made, err := newAuthority(now)
		if err != nil {
			return nil, err
		}

		return made, create(ctx, c, AuthoritySecret, made)
	}

	have, err := parse(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])

	switch {
	case err != nil:
		return nil, fmt.Errorf("secret %s/%s has no tls.crt and tls.key that belong together (%w): put both there, or %s",
			Namespace, AuthoritySecret, err, newAuthorityHint)
	case !have.leaf.IsCA:
		return nil, fmt.Errorf("tls.crt in secret %s/%s is no authority: put one there, or %s", Namespace, AuthoritySecret, newAuthorityHint)
	case now.After(have.leaf.NotAfter):
		return nil, fmt.Errorf("the authority in secret %s/%s ended on %s: put another there, or %s",
			Namespace, AuthoritySecret, have.leaf.NotAfter.UTC().Format(time.DateOnly), newAuthorityHint)
	default:
		return have, nil
	}
}

func ensureServing(ctx context.Context, c client.Client, authority *material, names []string, now time.Time) (*material, error) {
	secret, err := read(ctx, c, ServingSecret)
	if err != nil {
		return nil, err
	}

	if secret != nil {
		have, err := parse(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
		if err == nil && fits(have.leaf, authority.leaf, names, now) {
			return have, nil
		}
	}

	made, err := newServing(authority, names, now)
	if err != nil {
		return nil, err
	}

	if secret == nil {
		return made, create(ctx, c, ServingSecret, made)
	}

	secret.Data = made.data()
	if err := c.Update(ctx, secret); err != nil {
		return nil, fmt.Errorf("update secret %s/%s: %w", Namespace, ServingSecret, err)
	}

	return made, nil
}

// read answers nil where there is none.
func read(ctx context.Context, c client.Client, name string) (*corev1.Secret, error) {
	secret := &corev1.Secret{}

	err := c.Get(ctx, client.ObjectKey{Namespace: Namespace, Name: name}, secret)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // there is none.
	}

	if err != nil {
		return nil, fmt.Errorf("read secret %s/%s: %w", Namespace, name, err)
	}

	return secret, nil
}

func create(ctx context.Context, c client.Client, name string, made *material) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}, Type: corev1.SecretTypeTLS, Data: made.data()}
	if err := c.Create(ctx, secret); err != nil {
		return fmt.Errorf("create secret %s/%s: %w", Namespace, name, err)
	}

	return nil
}

func (m *material) data() map[string][]byte {
	return map[string][]byte{corev1.TLSCertKey: m.certPEM, corev1.TLSPrivateKeyKey: m.keyPEM}
}

// fits tells whether a serving certificate can still be used for those names.
func fits(leaf, authority *x509.Certificate, names []string, now time.Time) bool {
	if now.After(leaf.NotAfter.Add(-renewBefore)) || leaf.CheckSignatureFrom(authority) != nil {
		return false
	}

	for _, name := range names {
		if leaf.VerifyHostname(name) != nil {
			return false
		}
	}

	return true
}

func parse(certPEM, keyPEM []byte) (*material, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, err
	}

	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("the private key cannot sign")
	}

	return &material{certPEM: certPEM, keyPEM: keyPEM, leaf: pair.Leaf, key: key}, nil
}

func newAuthority(now time.Time) (*material, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "croft-hub-ca@" + now.UTC().Format("20060102150405"), Organization: []string{"croft"}},
		NotBefore:             now.Add(-time.Minute),
		NotAfter:              now.Add(authorityLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
	}

	return sign(template, nil)
}

func newServing(authority *material, names []string, now time.Time) (*material, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "croft-hub", Organization: []string{"croft"}},
		NotBefore:   now.Add(-time.Minute),
		NotAfter:    now.Add(servingLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}

	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}

	return sign(template, authority)
}

// sign signs with the authority, or with the new key itself where there is none.
func sign(template *x509.Certificate, authority *material) (*material, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}

	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}

	parent, signer := template, crypto.Signer(key)
	if authority != nil {
		parent, signer = authority.leaf, authority.key
	}

	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}

	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode the key: %w", err)
	}

	return parse(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	)
}

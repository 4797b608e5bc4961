package controlplane

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// years a certificate is valid: longer than any sandbox is kept.
const years = 10

// PKI is the keys of one cluster, as files in one directory: an authority, the
// certificates it signed, the key of service account tokens, the front proxy's
// authority. What exists is kept, so that a cluster continues on its data.
type PKI struct {
	// Dir holds the files.
	Dir string
	// CA is the cluster's authority, in PEM.
	CA []byte

	authority  authority
	frontProxy authority
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// NewPKI makes the keys of a cluster in dir, or takes those that are there.
func NewPKI(dir string) (*PKI, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keys of the cluster: %w", err)
	}
	p := &PKI{Dir: dir}
	var err error
	if p.authority, err = p.ensureAuthority("ca", "croft sandbox"); err != nil {
		return nil, err
	}
	if p.frontProxy, err = p.ensureAuthority("front-proxy-ca", "croft front proxy"); err != nil {
		return nil, err
	}
	if p.CA, err = os.ReadFile(p.file("ca.crt")); err != nil {
		return nil, fmt.Errorf("authority of the cluster: %w", err)
	}
	client := &x509.Certificate{
		Subject:     pkix.Name{CommonName: FrontProxy},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if err := p.ensure("front-proxy-client", client, p.frontProxy); err != nil {
		return nil, err
	}
	if err := p.ensureServiceAccountKey(); err != nil {
		return nil, err
	}
	_, _, err = p.Serving("kube-apiserver", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
	return p, err
}

// FrontProxy is the common name by which aggregated API servers know the
// kube-apiserver.
const FrontProxy = "front-proxy-client"

// Serving returns the certificate and key files of a server on loopback, which
// is also known by the given DNS names and addresses.
func (p *PKI) Serving(name string, hosts ...string) (cert, key string, err error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, host)
	}
	return p.file(name + ".crt"), p.file(name + ".key"), p.ensure(name, template, p.authority)
}

func (p *PKI) file(name string) string { return filepath.Join(p.Dir, name) }

// ensureAuthority makes or reads a self-signed authority.
func (p *PKI) ensureAuthority(name, commonName string) (authority, error) {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: commonName},
		IsCA:    true, BasicConstraintsValid: true,
	}
	if err := p.ensure(name, template, authority{}); err != nil {
		return authority{}, err
	}
	pair, err := tls.LoadX509KeyPair(p.file(name+".crt"), p.file(name+".key"))
	if err != nil {
		return authority{}, fmt.Errorf("authority %s: %w", name, err)
	}
	return authority{cert: pair.Leaf, key: pair.PrivateKey.(crypto.Signer)}, nil
}

// ensure writes name.crt and name.key unless both are there. Without a signer
// the certificate signs itself.
func (p *PKI) ensure(name string, template *x509.Certificate, signer authority) error {
	if exists(p.file(name+".crt")) && exists(p.file(name+".key")) {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("key of %s: %w", name, err)
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fmt.Errorf("serial number of %s: %w", name, err)
	}
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().AddDate(years, 0, 0)
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	if template.IsCA {
		template.KeyUsage |= x509.KeyUsageCertSign
	}
	if signer.cert == nil {
		signer = authority{cert: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.cert, key.Public(), signer.key)
	if err != nil {
		return fmt.Errorf("certificate of %s: %w", name, err)
	}
	return errors.Join(
		p.write(name+".crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		p.writeKey(name+".key", key),
	)
}

// ensureServiceAccountKey makes the key that signs service account tokens.
func (p *PKI) ensureServiceAccountKey() error {
	if exists(p.file("sa.key")) && exists(p.file("sa.pub")) {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("service account key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("service account key: %w", err)
	}
	return errors.Join(
		p.write("sa.pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644),
		p.writeKey("sa.key", key),
	)
}

func (p *PKI) writeKey(name string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return fmt.Errorf("key %s: %w", name, err)
	}
	return p.write(name, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
}

// write replaces a file in one step: a start that is cut short leaves no half key.
func (p *PKI) write(name string, data []byte, mode os.FileMode) error {
	whole := p.file("." + name)
	if err := os.WriteFile(whole, data, mode); err != nil {
		return fmt.Errorf("keys of the cluster: %w", err)
	}
	return os.Rename(whole, p.file(name))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

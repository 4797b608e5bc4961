package setting

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// certificates are one or more certificates in PEM.
func certificates(value string) error {
	rest := []byte(strings.TrimSpace(value))
	for n := 1; len(rest) > 0; n++ {
		block, after := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return fmt.Errorf("must be certificates in PEM; the %s of them is none", ordinal(n))
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Errorf("must be certificates in PEM; the %s of them cannot be read: %w", ordinal(n), err)
		}
		rest = []byte(strings.TrimSpace(string(after)))
	}
	return nil
}

func ordinal(n int) string {
	if words := []string{"first", "second", "third"}; n <= len(words) {
		return words[n-1]
	}
	return fmt.Sprintf("%dth", n)
}

// keyPair is the certificate of a server with its key and its authority.
type keyPair struct {
	CA                string `json:"ca"`
	PublicCertificate string `json:"publicCertificate"`
	PrivateKey        string `json:"privateKey"`
}

func (k keyPair) check() error {
	if err := field("ca", k.CA, certificates); err != nil {
		return err
	}
	if k.PublicCertificate == "" && k.PrivateKey == "" {
		return nil
	}
	if k.PublicCertificate == "" || k.PrivateKey == "" {
		return errors.New("publicCertificate and privateKey belong together; one of them is missing")
	}
	if _, err := tls.X509KeyPair([]byte(k.PublicCertificate), []byte(k.PrivateKey)); err != nil {
		return fmt.Errorf("publicCertificate and privateKey must be a pair in PEM: %w", err)
	}
	return nil
}

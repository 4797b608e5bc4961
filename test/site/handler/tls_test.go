package handler

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{}
	raw, key := sign(t, authority{}, &x509.Certificate{
		Subject: pkix.Name{CommonName: "kubevirt.io@1"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, a.key = cert, key
	return a
}

func sign(t *testing.T, by authority, template *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(1)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := by.cert, by.key
	if parent == nil {
		parent, signer = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return raw, key
}

func TestVerifyClient(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(ours.cert)
	for reason, test := range map[string]struct {
		by    authority
		name  string
		usage x509.ExtKeyUsage
		ok    bool
	}{
		"virt-api":                              {ours, clientName, x509.ExtKeyUsageClientAuth, true},
		"another role of KubeVirt":              {ours, "kubevirt.io:system:node:virt-handler", x509.ExtKeyUsageClientAuth, false},
		"somebody with another authority":       {theirs, clientName, x509.ExtKeyUsageClientAuth, false},
		"a server's certificate is no client's": {ours, clientName, x509.ExtKeyUsageServerAuth, false},
	} {
		raw, _ := sign(t, test.by, &x509.Certificate{
			Subject: pkix.Name{CommonName: test.name}, ExtKeyUsage: []x509.ExtKeyUsage{test.usage},
		})
		if err := verifyClient([][]byte{raw}, pool); (err == nil) != test.ok {
			t.Errorf("%s: %v", reason, err)
		}
	}
	if err := verifyClient(nil, pool); err == nil {
		t.Error("a caller without certificate is believed")
	}
}

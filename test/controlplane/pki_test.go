package controlplane_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/test/controlplane"
)

func TestPKIServes(t *testing.T) {
	pki, err := controlplane.NewPKI(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile, err := pki.Serving("web", "web.croft.svc", "127.21.0.1")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pki.CA)
	cases := map[string]struct {
		reason string
		host   string
		valid  bool
	}{
		"Loopback":  {reason: "Every server is on loopback.", host: "127.0.0.1", valid: true},
		"Localhost": {reason: "Services are aliases of localhost.", host: "localhost", valid: true},
		"Name":      {reason: "The server has the name it was given.", host: "web.croft.svc", valid: true},
		"Address":   {reason: "The server has the address it was given.", host: "127.21.0.1", valid: true},
		"Other":     {reason: "It has no other name.", host: "example.org", valid: false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: tc.host})
			if (err == nil) != tc.valid {
				t.Errorf("%s\nVerify as %s: %v", tc.reason, tc.host, err)
			}
		})
	}
}

func TestPKIContinues(t *testing.T) {
	dir := t.TempDir()
	read := func() map[string]string {
		if _, err := controlplane.NewCluster("site-1", dir, controlplane.Ports{"kube-apiserver": 6443}); err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		found, err := filepath.Glob(filepath.Join(dir, "pki", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range append(found, filepath.Join(dir, "kubeconfig")) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(file)] = string(text)
		}
		return files
	}
	if diff := cmp.Diff(read(), read()); diff != "" {
		t.Errorf("a second run has other keys:\n%s", diff)
	}
}

func TestTokens(t *testing.T) {
	dir := t.TempDir()
	pki, err := controlplane.NewPKI(dir)
	if err != nil {
		t.Fatal(err)
	}
	handler := controlplane.ServiceAccount("kubevirt", "kubevirt-handler")
	token, err := pki.Token(handler)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "tokens.csv"))
	if err != nil {
		t.Fatal(err)
	}
	const user = "system:serviceaccount:kubevirt:kubevirt-handler"
	row := token + "," + user + "," + user + `,"system:serviceaccounts,system:serviceaccounts:kubevirt,system:authenticated"`
	if !strings.Contains(string(file), row+"\n") {
		t.Errorf("the token file has no row %s:\n%s", row, file)
	}
	if _, err := pki.Token(controlplane.Identity{User: "nobody"}); err == nil {
		t.Error("a user who is not in the file has a token")
	}
}

func TestBinaryMissing(t *testing.T) {
	t.Setenv("CROFT_CACHE", t.TempDir())
	_, err := controlplane.Binary("kubevirt")
	if err == nil || !strings.Contains(err.Error(), "run `make controlplane`") {
		t.Errorf("Binary: got %v, want what to do", err)
	}
}

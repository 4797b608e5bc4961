package main

import (
	"bytes"
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// served is the certificate that a client would be shown now.
func served(t *testing.T, from func(*tls.ClientHelloInfo) (*tls.Certificate, error)) []byte {
	t.Helper()
	certificate, err := from(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Certificate[0]
}

func TestCertificate(t *testing.T) {
	t.Chdir(t.TempDir())
	first, err := certificateOf(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	second, err := certificateOf(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(served(t, first), served(t, second)) {
		t.Error("a certificate that a client has come to trust stays")
	}
	if info, err := os.Stat("tls.key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is for the server alone: %v %v", info, err)
	}
	was := served(t, first)
	if err := selfSigned("tls.crt", "tls.key", time.Now().AddDate(0, 11, 15)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a certificate is made anew before it ends, and served", func() bool { return !bytes.Equal(was, served(t, first)) })
	_, err = certificateOf(t.Context(), filepath.Join("no", "such.crt"), "")
	if err == nil || !strings.Contains(err.Error(), "--tls-key") {
		t.Errorf("a certificate without key names what is missing: %v", err)
	}
	_, err = certificateOf(t.Context(), filepath.Join("no", "such.crt"), filepath.Join("no", "such.key"))
	if err == nil || !strings.Contains(err.Error(), "such.crt") {
		t.Errorf("a file that is not there is named: %v", err)
	}
}

func TestLasts(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := filepath.Join(dir, "good.crt")
	if err := selfSigned(good, filepath.Join(dir, "good.key"), time.Now()); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		file   string
		until  time.Time
		want   bool
	}{
		"Good":    {"a year is long", good, time.Now().AddDate(0, 11, 0), true},
		"Ending":  {"and ends", good, time.Now().AddDate(1, 1, 0), false},
		"Missing": {"what is not there does not last", filepath.Join(dir, "none.crt"), time.Now(), false},
		"Garbage": {"nor does what is none", write("garbage.crt", "hello"), time.Now(), false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := lasts(tc.file, tc.until); got != tc.want {
				t.Errorf("%s: %t", tc.reason, got)
			}
		})
	}
}

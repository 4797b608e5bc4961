package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
)

// A certificate that the server makes itself lasts a year. It is made anew when a month is left, which is looked at daily.
const (
	renewBefore = 30 * 24 * time.Hour
	renewLook   = 24 * time.Hour
)

// certificateOf hands out the API's certificate, as its files are now: they are read again when they change. Without
// files the server makes a certificate, keeps it in the working directory, and makes it anew before it ends.
func certificateOf(
	ctx context.Context, certFile, keyFile string,
) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	if (certFile == "") != (keyFile == "") {
		return nil, errors.New("--tls-cert and --tls-key belong together: give both or neither")
	}
	if certFile == "" {
		certFile, keyFile = "tls.crt", "tls.key"
		if err := selfSigned(certFile, keyFile, time.Now()); err != nil {
			return nil, err
		}
		go wait.UntilWithContext(ctx, func(context.Context) {
			if err := selfSigned(certFile, keyFile, time.Now()); err != nil {
				slog.Error("cannot renew the certificate", "error", err)
			}
		}, renewLook)
	}
	files, err := certwatcher.New(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the API's certificate: %w", err)
	}
	go func() {
		if err := files.Start(ctx); err != nil {
			slog.Error("cannot watch the certificate; it is served as it was", "error", err)
		}
	}()
	return files.GetCertificate, nil
}

// selfSigned makes a certificate, unless there is one that lasts a while yet.
func selfSigned(certFile, keyFile string, now time.Time) error {
	if _, err := os.Stat(keyFile); err == nil && lasts(certFile, now.Add(renewBefore)) {
		return nil
	}
	certificate, key, err := cert.GenerateSelfSignedCertKey("croft-backend", []net.IP{net.IPv4(127, 0, 0, 1)}, []string{"localhost"})
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	if err := os.WriteFile(certFile, certificate, 0o644); err != nil {
		return fmt.Errorf("keep the certificate: %w", err)
	}
	if err := os.WriteFile(keyFile, key, 0o600); err != nil {
		return fmt.Errorf("keep the certificate's key: %w", err)
	}
	return nil
}

// lasts says whether the certificate in a file is good until then.
func lasts(file string, until time.Time) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return false
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return err == nil && certificate.NotAfter.After(until)
}

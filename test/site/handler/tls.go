package handler

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/site"
)

const (
	kubevirtNamespace = "kubevirt"
	serverCertSecret  = "kubevirt-virt-handler-server-certs"
	caConfigMap       = "kubevirt-ca"
	// clientName is who virt-api says it is to a virt-handler.
	clientName = "kubevirt.io:system:client:virt-handler"
	reloadTLS  = time.Minute
)

// certificates are what the nodes' servers prove themselves with and whom they
// believe. They are read again now and then, for they rotate.
type certificates struct {
	read func(context.Context) (tls.Certificate, *x509.CertPool, error)
	log  *slog.Logger

	mu     sync.Mutex
	config *tls.Config
	until  time.Time
}

func newCertificates(s *site.Site) *certificates {
	return &certificates{log: s.Log, read: func(ctx context.Context) (tls.Certificate, *x509.CertPool, error) {
		return fromCluster(ctx, s.Client)
	}}
}

// current is the configuration for one more connection.
func (c *certificates) current(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.config != nil && time.Now().Before(c.until) {
		return c.config, nil
	}
	certificate, pool, err := c.read(hello.Context())
	if err != nil {
		if c.config != nil {
			return c.config, nil // the API server is away; yesterday's will do
		}
		c.log.Warn("virt-handler's server", "error", err)
		return nil, err
	}
	c.config = &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequireAnyClientCert,
		// KubeVirt's certificates name roles, not hosts: the chain and the role
		// are checked, as upstream does.
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error { return verifyClient(raw, pool) },
	}
	c.until = time.Now().Add(reloadTLS)
	return c.config, nil
}

// forAnybody is the same for a connection on which nobody has to say who he is.
func (c *certificates) forAnybody(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	config, err := c.current(hello)
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: config.Certificates}, nil
}

// verifyClient believes only virt-api.
func verifyClient(raw [][]byte, pool *x509.CertPool) error {
	if len(raw) == 0 {
		return errors.New("no client certificate provided")
	}
	peer, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return fmt.Errorf("client certificate: %w", err)
	}
	_, err = peer.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return fmt.Errorf("client certificate: %w", err)
	}
	if peer.Subject.CommonName != clientName {
		return fmt.Errorf("client certificate: common name is invalid, got %s", peer.Subject.CommonName)
	}
	return nil
}

func fromCluster(ctx context.Context, c client.Client) (tls.Certificate, *x509.CertPool, error) {
	secret := &corev1.Secret{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: kubevirtNamespace, Name: serverCertSecret}, secret); err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("handler certificate: %w", err)
	}
	certificate, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("handler certificate: secret %s: %w", serverCertSecret, err)
	}
	bundle := &corev1.ConfigMap{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: kubevirtNamespace, Name: caConfigMap}, bundle); err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("handler certificate authority: %w", err)
	}
	pool, err := poolOf([]byte(bundle.Data["ca-bundle"]))
	return certificate, pool, err
}

func poolOf(pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("handler certificate authority: no certificate in it")
	}
	return pool, nil
}

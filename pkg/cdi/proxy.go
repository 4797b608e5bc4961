package cdi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// What is known of CDI's upload proxy without asking anybody.
const (
	// ProxyNamespace is where CDI runs.
	ProxyNamespace = "cdi"
	// ProxyAuthorities is the config map in ProxyNamespace with the authorities of the proxy's certificate.
	ProxyAuthorities = "cdi-uploadproxy-signer-bundle"
	// ProxyAuthoritiesKey is the key of that config map.
	ProxyAuthoritiesKey = "ca-bundle.crt"

	// proxyService is the proxy's address in the cluster.
	proxyService = "https://cdi-uploadproxy." + ProxyNamespace + ".svc"
	// proxyUpload takes a body, and answers once the volume is filled.
	proxyUpload = "/v1beta1/upload"
)

// ProxyURL is where the upload proxy is reached: at its service, unless somebody has said otherwise in CDI's
// configuration. What CDI guesses from ingresses is for clients outside of the cluster, and not for us.
func ProxyURL(config *Config) string {
	if config.Spec.UploadProxyURLOverride != nil && *config.Spec.UploadProxyURLOverride != "" {
		return strings.TrimSuffix(*config.Spec.UploadProxyURLOverride, "/")
	}
	return proxyService
}

// Proxy takes the bytes of a volume and hands them to the pod that fills it.
type Proxy struct {
	// URL is where the proxy is reached, https and host.
	URL string
	// Authorities are certificates in PEM that the proxy's may be signed by, beside those that the system knows.
	Authorities []byte
}

// RefusedError is an answer of the proxy that is not yes.
type RefusedError struct {
	// Status is the HTTP status code. 400 means that the bytes are no disk or do not fit.
	Status int
	// Message is what the proxy or the pod behind it says.
	Message string
}

// Error is what the proxy says.
func (r *RefusedError) Error() string {
	if r.Message == "" {
		return fmt.Sprintf("CDI's upload proxy answers %d %s", r.Status, http.StatusText(r.Status))
	}
	return r.Message
}

// longestAnswer is how much of an answer is read.
const longestAnswer = 4 << 10

// Send sends so many bytes to the claim that a token is for, and returns when its volume is filled with them. Bytes that
// end early, or with an error, are never taken for the whole.
func (p Proxy) Send(ctx context.Context, token string, size int64, bytes io.Reader) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+proxyUpload, io.NopCloser(bytes))
	if err != nil {
		return fmt.Errorf("address CDI's upload proxy at %s: %w", p.URL, err)
	}
	request.ContentLength = size
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/octet-stream")
	client, err := p.client()
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("send to CDI's upload proxy: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of CDI's upload proxy: %w", err)
	}
	if response.StatusCode/100 != http.StatusOK/100 {
		return &RefusedError{Status: response.StatusCode, Message: strings.TrimSpace(string(answer))}
	}
	return nil
}

// client trusts the proxy's authorities as well. It speaks HTTP/1.1: one connection for one stream needs no other.
func (p Proxy) client() (*http.Client, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // an image without certificates; CDI's own are enough
	}
	if len(p.Authorities) > 0 && !roots.AppendCertsFromPEM(p.Authorities) {
		return nil, errors.New("the authorities of CDI's upload proxy are no certificates in PEM")
	}
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}, nil
}

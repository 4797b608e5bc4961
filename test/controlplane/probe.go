package controlplane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"crofthci.io/croft/test/sandbox/process"
)

// Answers probes a URL that answers 200 when the program serves. It trusts ca;
// without one it checks no certificate, which loopback allows for programs that
// bring keys of their own. A token is sent when given.
func Answers(url string, ca []byte, token string) process.Probe {
	trust := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: ca == nil}
	if ca != nil {
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM(ca)
	}
	client := &http.Client{
		Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true},
		Timeout:   5 * time.Second,
	}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			text, _ := io.ReadAll(io.LimitReader(response.Body, 300))
			return fmt.Errorf("%s answers %s: %s", url, response.Status, strings.TrimSpace(string(text)))
		}
		return nil
	}
}

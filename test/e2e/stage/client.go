package stage

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

// Client speaks to the hub as one user.
type Client struct {
	// URL is the hub's, without a slash at its end.
	URL string
	// Token is the user's; empty means nobody.
	Token  string
	caCert string
	http   *http.Client
}

// longest is how long any one answer may take: no page may hang on a dead site.
const longest = time.Minute

// NewClient speaks to the hub at url, whose certificate the authority in caCert
// signs, with a token; none means as nobody.
func NewClient(url, token, caCert string) (*Client, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(caCert)) {
		return nil, fmt.Errorf("the authority of %s is no certificate in PEM", url)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return &Client{url, token, caCert, &http.Client{Transport: transport, Timeout: longest}}, nil
}

// As is the same hub for another token.
func (c *Client) As(token string) *Client {
	return &Client{c.URL, token, c.caCert, c.http}
}

// Login answers a client of the user that a name and a password let in.
func (c *Client) Login(t testing.TB, user, password string) *Client {
	t.Helper()
	var got struct{ Token string }
	body := map[string]any{"type": "localProvider", "username": user, "password": password, "responseType": "json"}
	c.As("").Must(t, "POST", "/v3-public/localProviders/local?action=login", body, &got)
	return c.As(got.Token)
}

// Try sends a request and answers the status code and the body.
func (c *Client) Try(method, path string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, c.URL+path, content)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// answered sends a request, and says what came unless it is one of the codes.
func (c *Client) answered(method, path string, body any, codes ...int) error {
	code, answer, err := c.Try(method, path, body)
	if err == nil && !slices.Contains(codes, code) {
		err = fmt.Errorf("%s %s: %d %s", method, path, code, answer)
	}
	return err
}

// patience is how long one who reads asks again whoever is not there to answer.
const patience = time.Minute

// asked sends a request, and one that only reads again as long as nobody is there to answer it: as every page does.
func (c *Client) asked(method, path string, body any) (code int, answer []byte, err error) {
	for began := time.Now(); ; time.Sleep(300 * time.Millisecond) {
		code, answer, err = c.Try(method, path, body)
		away := err != nil || code == http.StatusBadGateway || code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout
		if !away || method != http.MethodGet || time.Since(began) > patience {
			return code, answer, err
		}
	}
}

// Must sends a request that has to succeed and decodes its answer.
func (c *Client) Must(t testing.TB, method, path string, body, into any) {
	t.Helper()
	code, answer, err := c.asked(method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, code, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
}

// Refused sends a request that has to fail with a code, and answers the body.
func (c *Client) Refused(t testing.TB, want int, method, path string, body any) string {
	t.Helper()
	code, answer, err := c.Try(method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if code != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, code, want, answer)
	}
	return string(answer)
}

// Stream sends a body of any length and answers with the answer as it comes: the caller closes it.
func (c *Client) Stream(ctx context.Context, method, path, kind string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Authorization", "Bearer "+c.Token)
	patient := &http.Client{Transport: c.http.Transport} // files take as long as they take
	return patient.Do(request)
}

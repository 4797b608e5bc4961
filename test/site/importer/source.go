package importer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// termination is CDI's termination message.
type termination struct {
	ScratchSpaceRequired *bool   `json:"scratchSpaceRequired,omitempty"`
	PreallocationApplied *bool   `json:"preallocationApplied,omitempty"`
	DeadlinePassed       *bool   `json:"deadlinePassed,omitempty"`
	Message              *string `json:"message,omitempty"`
}

func (t termination) String() string {
	out, err := json.Marshal(t)
	if err != nil {
		return err.Error() // Bools and a string always marshal.
	}
	return string(out)
}

// done is the message of a worker that ended well.
func done(message string) string {
	no := false
	return termination{ScratchSpaceRequired: &no, PreallocationApplied: &no, Message: &message}.String()
}

// importImage is CDI's importer.
func importImage(ctx context.Context, w *worker) (string, error) {
	target, err := w.disk(ctx)
	if err != nil {
		return "", err
	}
	switch source := w.set("IMPORTER_SOURCE"); source {
	case "none":
		return done("Import Complete"), target.empty()
	case "http":
	default:
		return "", fmt.Errorf("Unknown data source: %s", source)
	}
	if kind := w.set("IMPORTER_CONTENTTYPE"); kind == "archive" {
		return "", errors.New("Unable to process data: archives are not played here")
	}
	want, err := parseChecksum(w.set("IMPORTER_CHECKSUM"))
	if err != nil {
		return "", fmt.Errorf("Unable to connect to http data source: invalid checksum: %w", err)
	}

	gauge := &gauge{name: importProgress, owner: w.set("OWNER_UID")}
	stop, err := serveMetrics(w.address, gauge)
	if err != nil {
		return "", err
	}
	defer stop()
	body, total, err := w.open(ctx)
	if err != nil {
		return "", fmt.Errorf("Unable to connect to http data source: %w", err)
	}
	defer body.Close()

	err = w.fill(ctx, target, gauge.count(body, total), total, want)
	var mismatch *mismatchError
	if errors.As(err, &mismatch) {
		// CDI's importer ends well here, so that nobody restarts it: its message
		// tells the controller that trying again is of no use.
		message := processing(err).Error()
		return termination{Message: &message}.String(), target.empty()
	}
	if err != nil {
		return "", processing(err)
	}
	return done("Import Complete"), nil
}

// processing is how CDI's importer begins what it says about data it has.
func processing(err error) error {
	return fmt.Errorf("Unable to process data: %w", err)
}

// fill downloads into a scratch file, checks the sum and converts.
func (w *worker) fill(ctx context.Context, target *disk, source io.Reader, total int64, want checksum) error {
	fault, err := w.fault(ctx)
	if err != nil {
		return err
	}
	source, err = troubled(ctx, fault, source, total)
	if err != nil {
		return err
	}
	dir, err := w.scratch()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tmpimage")
	if err := download(ctx, source, file, target.room(), want); err != nil {
		return fmt.Errorf("Unable to transfer source data to scratch space: %w", err)
	}
	found, err := inspect(ctx, file)
	if err != nil {
		return converting(err)
	}
	return target.convert(ctx, file, found)
}

// open asks for the image, following redirects.
func (w *worker) open(ctx context.Context) (io.ReadCloser, int64, error) {
	endpoint := w.set("IMPORTER_ENDPOINT")
	dress, err := w.headers(ctx)
	if err != nil {
		return nil, 0, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = w.proxy()
	// The length that is counted must be the length that is sent.
	transport.DisableCompression = true
	if w.set("IMPORTER_CERT_DIR") != "" {
		if transport.TLSClientConfig, err = w.trust(ctx); err != nil {
			return nil, 0, err
		}
	}
	httpClient := &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return errors.New("stopped after 10 redirects")
		}
		dress(r)
		return nil
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("unable to parse endpoint %q: %w", endpoint, err)
	}
	dress(request)
	response, err := httpClient.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("HTTP request errored: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, 0, fmt.Errorf("expected status code 200, got %d. Status: %s", response.StatusCode, response.Status)
	}
	return response.Body, response.ContentLength, nil
}

// proxy is how the importer's environment says that sources are reached.
func (w *worker) proxy() func(*http.Request) (*url.URL, error) {
	config := httpproxy.Config{HTTPProxy: w.set("http_proxy"), HTTPSProxy: w.set("https_proxy"), NoProxy: w.set("no_proxy")}
	between := config.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return between(r.URL) }
}

// headers reads the credentials and the extra headers that requests carry.
func (w *worker) headers(ctx context.Context) (func(*http.Request), error) {
	user, err := w.env(ctx, "IMPORTER_ACCESS_KEY_ID")
	if err != nil {
		return nil, err
	}
	password, err := w.env(ctx, "IMPORTER_SECRET_KEY")
	if err != nil {
		return nil, err
	}
	extra := w.envs("IMPORTER_EXTRA_HEADER_")
	secret, err := w.mounted(ctx, "/extraheaders")
	if err != nil {
		return nil, err
	}
	for _, header := range secret {
		extra = append(extra, string(header))
	}
	return func(r *http.Request) {
		if user != "" && password != "" {
			r.SetBasicAuth(user, password)
		}
		for _, header := range extra {
			if name, value, ok := strings.Cut(header, ":"); ok {
				r.Header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
			}
		}
		r.Header.Set("User-Agent", "cdi-golang-importer")
	}, nil
}

// trust reads the authorities that the source's certificate may be of.
func (w *worker) trust(ctx context.Context) (*tls.Config, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("error getting system certs: %w", err)
	}
	// CDI looks at the proxy's authorities only when it has some of the source's.
	for _, folder := range []string{"IMPORTER_PROXY_CERT_DIR", "IMPORTER_CERT_DIR"} {
		if w.set(folder) == "" {
			continue
		}
		files, err := w.mounted(ctx, w.set(folder))
		if err != nil {
			return nil, err
		}
		for _, pem := range files {
			pool.AppendCertsFromPEM(pem)
		}
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
}

package longhorn

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ManagerURL is where Longhorn's manager is reached in the cluster.
const ManagerURL = "http://longhorn-backend." + Namespace + ":9500"

// Manager takes and gives the bytes of backing images. It asks nobody who he is: whoever speaks to it on somebody's behalf
// must have asked that before.
type Manager struct {
	// URL is where it is reached, http and host.
	URL string
}

// RefusedError is an answer of the manager, or of the pod behind it, that is not yes.
type RefusedError struct {
	// Status is the HTTP status code.
	Status int
	// Message is what is said.
	Message string
}

// Error is what is said.
func (r *RefusedError) Error() string {
	if r.Message == "" {
		return fmt.Sprintf("Longhorn's manager answers %d %s", r.Status, http.StatusText(r.Status))
	}
	return r.Message
}

// SectorBytes is what the size of every file must be a multiple of: Longhorn reads and writes past the page cache.
const SectorBytes = 512

// field is the part of the form that Longhorn takes the file from.
const field = "chunk"

// Send sends so many bytes to a backing image that waits for them, and returns when Longhorn has taken them. Bytes that
// end early, or with an error, are never taken for the whole. None is read before Longhorn says that it takes them: what is
// refused at once can be sent again.
func (m Manager) Send(ctx context.Context, name string, size int64, bytes io.Reader) error {
	edge := boundary()
	head := "--" + edge + "\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"" + name +
		"\"\r\nContent-Type: application/octet-stream\r\n\r\n"
	tail := "\r\n--" + edge + "--\r\n"
	form := io.MultiReader(strings.NewReader(head), bytes, strings.NewReader(tail))
	at := fmt.Sprintf("%s?action=upload&size=%d", m.address(name), size)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, io.NopCloser(form))
	if err != nil {
		return fmt.Errorf("address Longhorn's manager at %s: %w", m.URL, err)
	}
	request.ContentLength = int64(len(head)) + size + int64(len(tail))
	request.Header.Set("Content-Type", "multipart/form-data; boundary="+edge)
	request.Header.Set("Expect", "100-continue")
	response, err := m.do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// Open opens the file of a backing image as Longhorn keeps it: the bytes, and how many they are, -1 when nobody says.
func (m Manager) Open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.address(name)+"/download", http.NoBody)
	if err != nil {
		return nil, 0, fmt.Errorf("address Longhorn's manager at %s: %w", m.URL, err)
	}
	response, err := m.do(request)
	if err != nil {
		return nil, 0, err
	}
	return response.Body, response.ContentLength, nil
}

func (m Manager) address(name string) string {
	return strings.TrimSuffix(m.URL, "/") + "/v1/backingimages/" + url.PathEscape(name)
}

// longestAnswer is how much of a refusal is read, dialLimit how long the manager may take to be reached,
// and expectLimit how long it may take to say that it takes bytes, before they are sent unasked.
const (
	longestAnswer = 4 << 10
	dialLimit     = 10 * time.Second
	expectLimit   = 10 * time.Second
)

// do asks the manager, without a proxy: it is in the cluster. An answer that is not yes is an error.
func (m Manager) do(request *http.Request) (*http.Response, error) {
	transport := &http.Transport{
		DialContext: (&net.Dialer{Timeout: dialLimit}).DialContext, DisableCompression: true, DisableKeepAlives: true, ExpectContinueTimeout: expectLimit,
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, fmt.Errorf("speak to Longhorn's manager: %w", err)
	}
	if response.StatusCode/100 == http.StatusOK/100 {
		return response, nil
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer of Longhorn's manager: %w", err)
	}
	return nil, &RefusedError{Status: response.StatusCode, Message: strings.TrimSpace(string(answer))}
}

// boundary is what no file has in it.
func boundary() string {
	const length = 24
	random := make([]byte, length)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random)
}

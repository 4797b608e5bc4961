package peer

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// answer is what a client acts on in a response: its status, and what kind of text
// it is.
type answer struct {
	status int
	kind   string
	// text is for people.
	text string
}

// differences says in words what a client could tell ours by, and nothing of what
// is the same. Of a refusal only the status counts: Rancher writes the same one as
// text here and as JSON there.
func (a answer) differences(ours answer) []string {
	var all []string
	if a.status != ours.status {
		all = append(all, fmt.Sprintf("status %d, ours %d", a.status, ours.status))
	}
	if a.status < 300 && ours.status < 300 && a.kind != ours.kind {
		all = append(all, fmt.Sprintf("type %q, ours %q", a.kind, ours.kind))
	}
	return all
}

// exchange asks a hub and reads its answer.
func (h *hub) exchange(method, path string, headers http.Header, body any) (answer, http.Header, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return answer{}, nil, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, h.url+path, content)
	if err != nil {
		return answer{}, nil, err
	}
	request.Header = headers.Clone()
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(h.caCert))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return read(response, text), response.Header, err
}

// read finds out what an answer consists of.
func read(response *http.Response, text []byte) answer {
	a := answer{status: response.StatusCode, text: string(text)}
	a.kind, _, _ = mime.ParseMediaType(response.Header.Get("Content-Type"))
	return a
}

package steve

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// notes are what must pass between a request and what is asked of the API server for it, and what Steve loses on the way.
type notes struct {
	// status is what the API server said. Steve keeps the code and the message of a refusal and forgets which field it
	// was about, so the whole refusal is noted where it comes in.
	status *metav1.Status
	// validation is what is to become of fields that nobody knows; empty leaves it to the API server. Steve hands it on
	// when it creates, and forgets it when it updates.
	validation string
}

type notesKey struct{}

// biggestStatus is more than any refusal needs.
const biggestStatus = 1 << 20

func withNotes(req *http.Request, n *notes) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), notesKey{}, n))
}

func notesOf(ctx context.Context) *notes {
	n, _ := ctx.Value(notesKey{}).(*notes)
	return n
}

// fieldValidation is the option of a write that says what becomes of fields that nobody knows.
const fieldValidation = "fieldValidation"

// validated is a request to the API server with the validation that was noted.
func (n *notes) validated(req *http.Request) *http.Request {
	writes := req.Method == http.MethodPost || req.Method == http.MethodPut || req.Method == http.MethodPatch
	query := req.URL.Query()
	if n.validation == "" || !writes || query.Has(fieldValidation) {
		return req
	}
	query.Set(fieldValidation, n.validation)
	req = req.Clone(req.Context())
	req.URL.RawQuery = query.Encode()
	return req
}

// noted wraps the way to the API server.
func noted(next http.RoundTripper) http.RoundTripper {
	return roundTripper{inside: next, trip: func(req *http.Request) (*http.Response, error) {
		n := notesOf(req.Context())
		if n != nil {
			req = n.validated(req)
		}
		response, err := next.RoundTrip(req)
		if err != nil || n == nil || response.StatusCode < http.StatusBadRequest {
			return response, err
		}
		if !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
			return response, nil
		}
		body, err := io.ReadAll(io.LimitReader(response.Body, biggestStatus))
		if err != nil {
			return nil, err
		}
		response.Body = unread{Reader: io.MultiReader(bytes.NewReader(body), response.Body), Closer: response.Body}
		status := &metav1.Status{}
		if json.Unmarshal(body, status) == nil && status.Kind == "Status" {
			n.status = status
		}
		return response, nil
	}}
}

// unread is a body of which the beginning has been read.
type unread struct {
	io.Reader
	io.Closer
}

// roundTripper is a way that leads through another.
type roundTripper struct {
	inside http.RoundTripper
	trip   func(req *http.Request) (*http.Response, error)
}

// RoundTrip calls the function.
func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r.trip(req) }

// WrappedRoundTripper is the way inside. Who dials for a console must know its TLS settings.
func (r roundTripper) WrappedRoundTripper() http.RoundTripper { return r.inside }

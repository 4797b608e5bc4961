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

// notes is what the API server said while a request was served. Steve keeps the code and the message of a refusal and
// forgets which field it was about, so the whole refusal is noted where it comes in.
type notes struct {
	status *metav1.Status
}

type notesKey struct{}

// biggestStatus is more than any refusal needs.
const biggestStatus = 1 << 20

func withNotes(req *http.Request) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), notesKey{}, &notes{}))
}

func notesOf(ctx context.Context) *notes {
	n, _ := ctx.Value(notesKey{}).(*notes)
	return n
}

// noteStatus wraps the way to the API server.
func noteStatus(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(req)
		n := notesOf(req.Context())
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
	})
}

// unread is a body of which the beginning has been read.
type unread struct {
	io.Reader
	io.Closer
}

type roundTripper func(req *http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	return f(req)
}

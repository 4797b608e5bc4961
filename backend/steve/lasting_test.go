package steve

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apiserver/pkg/authentication/user"
)

// TestWhileKnown holds a request until it is ended for it.
func TestWhileKnown(t *testing.T) {
	var asked atomic.Int64
	cases := map[string]struct {
		reason       string
		authenticate Authenticator
		ends         bool
	}{
		"Known":   {"a token that is good", func(*http.Request) (user.Info, error) { return &user.DefaultInfo{}, nil }, false},
		"Unknown": {"one that was taken back", func(*http.Request) (user.Info, error) { return nil, errNobody }, true},
		"Unclear": {"while nobody can tell", func(*http.Request) (user.Info, error) { return nil, errors.New("no API server") }, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			asked.Store(0)
			often := make(chan struct{})
			authenticate := func(req *http.Request) (user.Info, error) {
				if req.Header.Get("Authorization") != "Bearer x" {
					t.Errorf("%s: the caller is asked for, not %v", tc.reason, req.Header)
				}
				if asked.Add(1) == 3 {
					close(often)
				}
				return tc.authenticate(req)
			}
			ended := false
			handler := whileKnown(authenticate, time.Millisecond, http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				select {
				case <-req.Context().Done():
					ended = true
				case <-often:
				}
			}))
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			req.Header.Set("Authorization", "Bearer x")
			handler.ServeHTTP(httptest.NewRecorder(), req)
			if ended != tc.ends {
				t.Errorf("%s: ended: %v", tc.reason, ended)
			}
		})
	}
}

package tunnel

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// few is the patience of one stranger.
type few struct{ left int }

func (f *few) Blame(*http.Request)       { f.left-- }
func (f *few) Blamed(*http.Request) bool { return f.left <= 0 }

func TestStrangers(t *testing.T) {
	asked := 0
	server := New(func(string) {}, func(_ context.Context, err error) { t.Error(err) }, func(req *http.Request) (*Caller, error) {
		if !OnlyKnown(req.Context()) {
			asked++
		}

		return nil, nil //nolint:nilnil // nobody.
	})
	server.Strangers = &few{left: 3}

	for range 10 {
		rec := httptest.NewRecorder()
		server.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/v3/connect", nil))

		if rec.Code != http.StatusUnauthorized {
			t.Errorf("a stranger is refused, got %d", rec.Code)
		}
	}

	if asked != 3 {
		t.Errorf("who presents many tokens that nobody knows makes nobody look them up, got %d", asked)
	}
}

package login

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// patient is a connection that remembers how long it may be read from.
type patient struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (p *patient) SetReadDeadline(t time.Time) error {
	p.deadlines = append(p.deadlines, t)

	return nil
}

func TestEnterDeadline(t *testing.T) {
	cases := map[string]struct {
		reason, body string
		status       int
		limits       int
	}{
		"Read":   {"a body that came ends the limit, or the connection could not be used again", `{"username":"` + strings.Repeat("x", maxUsername+1) + `"}`, http.StatusUnauthorized, 2},
		"Broken": {"a body that cannot be read", "{", http.StatusUnprocessableEntity, 1},
		"Long":   {"a body that nobody needs", `{"username":"` + strings.Repeat("x", maxBody) + `"}`, http.StatusUnprocessableEntity, 1},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			door := &Door{Brake: &Brake{Now: time.Now}, Report: func(_ context.Context, err error) { t.Error(err) }}
			rw := &patient{ResponseRecorder: httptest.NewRecorder()}

			door.enter(rw, httptest.NewRequest(http.MethodPost, "/v1-public/login", strings.NewReader(tc.body)))

			if rw.Code != tc.status || len(rw.deadlines) != tc.limits || rw.deadlines[0].IsZero() {
				t.Fatalf("%s: got %d with the deadlines %v", tc.reason, rw.Code, rw.deadlines)
			}

			if tc.limits == 2 && !rw.deadlines[1].IsZero() {
				t.Errorf("%s: got the deadlines %v", tc.reason, rw.deadlines)
			}
		})
	}
}

package importer

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// TestResumable holds that a server which hangs up is asked for the rest where it gives one, and where the sum of all bytes
// is not wanted.
func TestResumable(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 10000)
	cases := map[string]struct {
		reason string
		ranges bool
		summed bool
		whole  bool
	}{
		"Ranges":   {"the rest is asked for", true, false, true},
		"Summed":   {"bytes that are summed up are read in one go", true, true, false},
		"NoRanges": {"a server without ranges has no rest to give", false, false, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tc.ranges && r.Header.Get("Range") != "" {
					http.ServeContent(w, r, "disk", time.Time{}, bytes.NewReader(content))
					return
				}
				if tc.ranges {
					w.Header().Set("Accept-Ranges", "bytes")
				}
				w.Header().Set("Content-Length", strconv.Itoa(len(content)))
				_, _ = w.Write(content[:len(content)/2])
				panic(http.ErrAbortHandler) // it hangs up half way
			}))
			t.Cleanup(server.Close)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body := resumable(t.Context(), server.Client(), request, response, tc.summed)
			t.Cleanup(func() { _ = body.Close() })
			got, err := io.ReadAll(body)
			if whole := err == nil && bytes.Equal(got, content); whole != tc.whole {
				t.Errorf("%s: want whole %t, got %d bytes and %v", tc.reason, tc.whole, len(got), err)
			}
		})
	}
}

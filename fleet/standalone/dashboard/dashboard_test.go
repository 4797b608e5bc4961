package dashboard

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	folder := t.TempDir()

	var packed bytes.Buffer

	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write([]byte("script"))
	_ = writer.Close()

	for name, content := range map[string]string{
		"index.html": "page", "js/app.0a1b2c3d4e.js": "script", "js/app.0a1b2c3d4e.js.gz": packed.String(), "favicon.png": "icon",
	} {
		target := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}

		if err := os.WriteFile(target, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	cases := map[string]struct {
		reason, path, encoding, dest string
		status                       int
		body, cache, coded           string
	}{
		"Root":     {"the page", "/dashboard/", "", "", 200, "page", "no-cache", ""},
		"Route":    {"a route of the page", "/dashboard/c/local/explorer", "", "", 200, "page", "no-cache", ""},
		"Dots":     {"a route with a dot in it", "/dashboard/c/_/kubevirt.io.virtualmachine/a.b", "", "", 200, "page", "no-cache", ""},
		"Hashed":   {"a file that never changes", "/dashboard/js/app.0a1b2c3d4e.js", "", "", 200, "script", "immutable", ""},
		"Packed":   {"a file that was compressed before", "/dashboard/js/app.0a1b2c3d4e.js", "gzip", "", 200, packed.String(), "immutable", "gzip"},
		"Plain":    {"a file without a hash", "/dashboard/favicon.png", "", "", 200, "icon", "no-cache", ""},
		"NoScript": {"a script that is not there must not be a page", "/dashboard/js/app.ffffffffff.js", "", "script", 404, "", "", ""},
		"Outside":  {"nothing outside of the folder", "/dashboard/../../etc/passwd", "", "", 400, "", "", ""},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodGet, tc.path, nil)
			req.Header.Set("Accept-Encoding", tc.encoding)
			req.Header.Set("Sec-Fetch-Dest", tc.dest)

			rec := httptest.NewRecorder()
			Handler(folder).ServeHTTP(rec, req)

			if rec.Code != tc.status {
				t.Fatalf("%s: want %d, got %d", tc.reason, tc.status, rec.Code)
			}

			if tc.status != http.StatusOK {
				return
			}

			if got := rec.Body.String(); got != tc.body {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.body, got)
			}

			if got := rec.Header().Get("Cache-Control"); !strings.Contains(got, tc.cache) {
				t.Errorf("%s: want Cache-Control with %s, got %q", tc.reason, tc.cache, got)
			}

			if got := rec.Header().Get("Content-Encoding"); got != tc.coded {
				t.Errorf("%s: want Content-Encoding %q, got %q", tc.reason, tc.coded, got)
			}
		})
	}
}

func TestHandlerWithoutFolder(t *testing.T) {
	rec := httptest.NewRecorder()
	Handler("").ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/dashboard/", nil))

	if rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), "--dashboard-dir") {
		t.Errorf("a server without a page must say what is missing, got %d %s", rec.Code, rec.Body)
	}
}

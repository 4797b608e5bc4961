package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

func TestPages(t *testing.T) {
	built := t.TempDir()
	for name, content := range map[string]string{"files.txt": "plugin/package.json\n", "package.json": "{}"} {
		if err := os.WriteFile(filepath.Join(built, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	cases := map[string]struct {
		reason, folder string
		files          int
		told           bool
	}{
		"Built":   {"a built extension is served", built, http.StatusOK, false},
		"None":    {"who names no folder wants none", "", http.StatusNotFound, false},
		"Missing": {"a folder that is not there must not stop the fleet, and is told", filepath.Join(built, "nowhere"), http.StatusNotFound, true},
		"Empty":   {"nor one that nobody built", t.TempDir(), http.StatusNotFound, true},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var told bytes.Buffer

			handler := pages(tc.folder, slog.New(slog.NewTextHandler(&told, nil)))

			for path, want := range map[string]int{"/healthz": http.StatusOK, "/files.txt": tc.files} {
				rec := httptest.NewRecorder()
				handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))

				if rec.Code != want {
					t.Errorf("%s: %s: want %d, got %d", tc.reason, path, want, rec.Code)
				}
			}

			if got := strings.Count(told.String(), "level=WARN"); got > 1 || (got == 1) != tc.told {
				t.Errorf("%s: it is told once, got %s", tc.reason, told.String())
			}
		})
	}
}

func TestTrustedProxies(t *testing.T) {
	var said commandLine

	parser, err := kong.New(&said)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := parser.Parse([]string{"serve", "--standalone", "--trusted-proxies=10.0.0.0/8,fd00::/8"}); err != nil {
		t.Fatal(err)
	}

	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	if diff := cmp.Diff(want, said.Serve.TrustedProxies, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("networks, divided by commas (-want, +got):\n%s", diff)
	}

	if _, err := parser.Parse([]string{"serve", "--trusted-proxies=everybody"}); err == nil {
		t.Error("what is no network is refused at the start")
	}
}

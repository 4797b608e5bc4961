package machinejob

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrderOf(t *testing.T) {
	cases := map[string]struct {
		reason string
		args   []string
		want   order
	}{
		"Create": {
			"the driver's place is the entry point's, the rest rancher-machine's",
			[]string{"--driver-download-url=http://hub/d", "--driver-hash=12", "--secret-name=a-machine-state", "create", "--driver=croft", "a"},
			order{url: "http://hub/d", hash: "12", args: []string{"--secret-name", "a-machine-state", "create", "--driver", "croft", "a"}},
		},
		"Remove": {"flags without a value stay", []string{"rm", "-y", "--update-config", "a"}, order{args: []string{"rm", "-y", "--update-config", "a"}}},
		"Value":  {"a value may have what flags are made of", []string{"--croft-tags=a=b c,--d"}, order{args: []string{"--croft-tags", "a=b c,--d"}}},
	}
	for name, tc := range cases {
		if diff := cmp.Diff(tc.want, orderOf(tc.args), cmp.AllowUnexported(order{})); diff != "" {
			t.Errorf("%s: %s: -want, +got:\n%s", name, tc.reason, diff)
		}
	}
}

// TestFetch holds that a driver is taken when it is what its sum says, under the name that rancher-machine looks for.
func TestFetch(t *testing.T) {
	const program = "a program"
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write([]byte(program)) }))
	t.Cleanup(server.Close)
	sum := sha256.Sum256([]byte(program))
	hash, file := hex.EncodeToString(sum[:]), "/docker-machine-driver-croft-linux-amd64"
	cases := map[string]struct{ reason, url, hash, refused string }{
		"Right":   {"a driver with its sum", server.URL + file, hash, ""},
		"Unknown": {"nobody has said its sum", server.URL + file, "", ""},
		"Other":   {"another program than was meant", server.URL + file, strings.Repeat("0", 64), "failed sha256 checksum"},
		"None":    {"a file that is no driver", server.URL + "/machine", hash, "accepted format"},
	}
	for name, tc := range cases {
		folder := t.TempDir()
		_, err := order{url: tc.url, hash: tc.hash}.fetch(t.Context(), folder)
		got, _ := os.ReadFile(filepath.Join(folder, "docker-machine-driver-croft"))
		switch {
		case tc.refused == "" && (err != nil || string(got) != program):
			t.Errorf("%s: %s: %q, %v", name, tc.reason, got, err)
		case tc.refused != "" && (err == nil || !strings.Contains(err.Error(), tc.refused) || len(got) > 0):
			t.Errorf("%s: %s: %q, %v, want %q", name, tc.reason, got, err, tc.refused)
		}
	}
}

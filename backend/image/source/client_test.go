package source_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"crofthci.io/croft/backend/image/source"
)

func TestClient(t *testing.T) {
	disk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(padded(qcow2(gib), 4096))
	}))
	defer disk.Close()
	leads := func(to string) string {
		server := httptest.NewServer(http.RedirectHandler(to, http.StatusFound))
		t.Cleanup(server.Close)
		return server.URL
	}
	cases := map[string]struct {
		reason   string
		url      string
		loopback bool
		refused  bool
	}{
		"Loopback":   {reason: "what listens for the server alone is not fetched for others", url: disk.URL, refused: true},
		"Unmapped":   {reason: "nor by another spelling of its address", url: strings.Replace(disk.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), refused: true},
		"Everywhere": {reason: "nor by the address that means all", url: strings.Replace(disk.URL, "127.0.0.1", "0.0.0.0", 1), refused: true},
		"Sandbox":    {reason: "unless the site says so", url: disk.URL, loopback: true},
		"Metadata":   {reason: "a cloud tells a node's secrets there", url: "http://169.254.169.254/latest/meta-data", loopback: true, refused: true},
		"Metadata6":  {reason: "and there", url: "http://[fe80::a9fe:a9fe%25lo]/", loopback: true, refused: true},
		"EC2":        {reason: "and there, which is not link-local", url: "http://[fd00:ec2::254]/latest", loopback: true, refused: true},
		"Redirected": {reason: "a redirection does not lead there", url: leads("http://169.254.169.254/latest"), loopback: true, refused: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := source.Probe(t.Context(), source.Client(tc.loopback), tc.url)
			refused := err != nil && strings.Contains(err.Error(), "is no place that images are fetched from")
			if refused != tc.refused || !tc.refused && err != nil {
				t.Errorf("%s: want refused %t, got %v", tc.reason, tc.refused, err)
			}
		})
	}
}

package source_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"crofthci.io/croft/backend/image/source"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/outside"
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
			_, err := source.Probe(t.Context(), source.Client(tc.loopback, outside.Way{}), tc.url)
			refused := err != nil && strings.Contains(err.Error(), "is no place that images are fetched from")
			if refused != tc.refused || !tc.refused && err != nil {
				t.Errorf("%s: want refused %t, got %v", tc.reason, tc.refused, err)
			}
		})
	}
}

// TestWay holds that a source is reached as the site's settings say, and that a proxy opens no way that was closed.
func TestWay(t *testing.T) {
	disk := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(padded(qcow2(gib), 4096)) })
	private := httptest.NewTLSServer(disk)
	defer private.Close()
	// The proxy answers for every host, as if it had asked there.
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "leads.example.org" {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
			return
		}
		disk(w, r)
	}))
	defer proxy.Close()
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: private.Certificate().Raw}))
	through := outside.Way{Proxy: harvesterv1.HTTPProxy{HTTP: proxy.URL}}
	direct := outside.Way{Proxy: harvesterv1.HTTPProxy{HTTP: proxy.URL, No: ".invalid"}}
	cases := map[string]struct {
		reason   string
		way      outside.Way
		url      string
		loopback bool
		says     string
	}{
		"Proxy":      {"a proxy may stand where sources may not: whoever runs the site has named it", through, "http://images.example.org/disk", false, ""},
		"NoProxy":    {"who is named in noProxy is asked himself", direct, "http://images.invalid/disk", false, "does not answer"},
		"Metadata":   {"a proxy is told no address that is not fetched from", through, "http://169.254.169.254/latest", true, "is no place that images are fetched from"},
		"Redirected": {"nor when the source leads there", through, "http://leads.example.org/disk", true, "is no place that images are fetched from"},
		"Itself":     {"what listens for the server alone stays so", through, private.URL, false, "is no place that images are fetched from"},
		"Private":    {"a certificate of an additional authority is believed", outside.Way{Authorities: authority}, private.URL, true, ""},
		"Unknown":    {"and of nobody else", outside.Way{}, private.URL, true, "certificate signed by unknown authority"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			file, err := source.Probe(t.Context(), source.Client(tc.loopback, tc.way), tc.url)
			if tc.says == "" && (err != nil || file.VirtualSize != gib) {
				t.Errorf("%s: got %+v, %v", tc.reason, file, err)
			}
			if tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%s: want %q, got %v", tc.reason, tc.says, err)
			}
		})
	}
}

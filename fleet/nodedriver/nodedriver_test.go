package nodedriver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"k8s.io/client-go/rest"

	"crofthci.io/croft/pkg/rancher/management"
)

const content = "\x7fELF and so on"

func read(t *testing.T) *Program {
	t.Helper()
	p, err := Read(fstest.MapFS{"docker-machine-driver-croft-linux-amd64": {Data: []byte(content)}, "SHA256SUMS": {Data: []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestServe(t *testing.T) {
	cases := map[string]struct {
		reason, method, path string
		told                 bool
		want                 int
	}{
		"Program":   {"Rancher fetches it", http.MethodGet, "/driver/linux-amd64/docker-machine-driver-croft", true, http.StatusOK},
		"Unchecked": {"nobody fetches what he cannot check", http.MethodGet, "/driver/linux-amd64/docker-machine-driver-croft", false, http.StatusServiceUnavailable},
		"Other":     {"it was not built for that", http.MethodGet, "/driver/linux-arm64/docker-machine-driver-croft", true, http.StatusNotFound},
		"Beside":    {"nothing else of the folder", http.MethodGet, "/driver/SHA256SUMS", true, http.StatusNotFound},
		"Outside":   {"nor of what is around it", http.MethodGet, "/driver/../../etc/passwd", true, http.StatusNotFound},
		"Post":      {"it is there to be read", http.MethodPost, "/driver/linux-amd64/docker-machine-driver-croft", true, http.StatusNotFound},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := read(t)
			p.told.Store(tc.told)
			rw := httptest.NewRecorder()
			p.ServeHTTP(rw, httptest.NewRequest(tc.method, tc.path, nil))
			if rw.Code != tc.want || tc.want == http.StatusOK && rw.Body.String() != content {
				t.Errorf("%s: got %d %q", tc.reason, rw.Code, rw.Body)
			}
		})
	}
	if _, err := Read(fstest.MapFS{}); err == nil {
		t.Error("an empty folder has no program, and nobody is told")
	}
}

// TestAnnounce holds that the NodeDriver gets the checksum of what is served, and that one from elsewhere is left alone.
func TestAnnounce(t *testing.T) {
	sum := sha256.Sum256([]byte(content))
	cases := map[string]struct {
		reason, url, before, after string
	}{
		"New":       {"the chart has written none", "http://hub/driver/linux-amd64/docker-machine-driver-croft", "", hex.EncodeToString(sum[:])},
		"Upgraded":  {"another program is served now", "http://hub/driver/linux-amd64/docker-machine-driver-croft", "old", hex.EncodeToString(sum[:])},
		"Elsewhere": {"somebody has another source", "https://mirror/docker-machine-driver-croft", "theirs", "theirs"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			checksum := make(chan string, 10)
			api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
				if req.URL.Path != "/apis/management.cattle.io/v3/nodedrivers/croft" {
					http.NotFound(rw, req)
					return
				}
				after := tc.before
				if req.Method == http.MethodPatch {
					var patch struct{ Spec struct{ Checksum string } }
					text, _ := io.ReadAll(req.Body)
					if json.Unmarshal(text, &patch) != nil || req.Header.Get("Content-Type") != "application/merge-patch+json" {
						t.Errorf("the patch is %s %s", req.Header.Get("Content-Type"), text)
					}
					after = patch.Spec.Checksum
				}
				checksum <- after
				rw.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(rw).Encode(map[string]any{"spec": map[string]any{"active": true, "url": tc.url, "checksum": after}})
			}))
			defer api.Close()
			p := read(t)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- p.Announce(ctx, &rest.Config{Host: api.URL}, func(err error) { t.Error(err) }) }()
			deadline := time.Now().Add(time.Minute)
			for !p.told.Load() && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			cancel()
			if err := <-done; err != nil || !p.told.Load() {
				t.Fatalf("told %v, %v", p.told.Load(), err)
			}
			last := ""
			for len(checksum) > 0 {
				last = <-checksum
			}
			if last != tc.after {
				t.Errorf("%s: the checksum is %q, want %q", tc.reason, last, tc.after)
			}
		})
	}
}

// TestRightOf holds that the address of a NodeDriver that a hub without Rancher has made is the hub's of now.
func TestRightOf(t *testing.T) {
	const path = "/driver/linux-amd64/docker-machine-driver-croft"
	labelled := func(d *management.NodeDriver) { d.Labels = map[string]string{labelHub: "true"} }
	older := func(d *management.NodeDriver) {
		*d = *object(d.Spec.URL, "old")
		d.Labels = nil
	}
	cases := map[string]struct {
		reason, hub, url string
		like             func(*management.NodeDriver)
		want             string
	}{
		"Moved":     {"the hub has another port since", "https://hub:2", "https://hub:1" + path, labelled, "https://hub:2" + path},
		"Still":     {"it is where it was", "https://hub:2", "https://hub:2" + path, labelled, "https://hub:2" + path},
		"Theirs":    {"somebody else has made it, with a way of his own to the hub", "https://hub:2", "https://hub:1" + path, nil, "https://hub:1" + path},
		"Elsewhere": {"somebody has given it another source", "https://hub:2", "https://mirror/croft", labelled, "https://mirror/croft"},
		"Rancher":   {"the chart says where", "", "http://service" + path, older, "http://service" + path},
		"Older":     {"a hub before the label has made it", "https://hub:2", "https://hub:1" + path, older, "https://hub:2" + path},
		"Proxy":     {"somebody has led an older one to the hub by a proxy", "https://hub:2", "https://proxy" + path, older, "https://proxy" + path},
		"Changed": {"somebody has made an older one his own", "https://hub:2", "https://hub:1" + path, func(d *management.NodeDriver) {
			older(d)
			d.Spec.DisplayName = "Ours"
		}, "https://hub:1" + path},
		"Let go": {"somebody has taken it over by its label", "https://hub:2", "https://hub:1" + path, func(d *management.NodeDriver) {
			older(d)
			d.Labels = map[string]string{labelHub: "false"}
		}, "https://hub:1" + path},
	}
	for name, tc := range cases {
		p := read(t)
		p.Hub = tc.hub
		driver := management.NodeDriver{Spec: management.NodeDriverSpec{URL: tc.url}}
		if tc.like != nil {
			tc.like(&driver)
		}
		if got := p.rightOf(driver); got.URL != tc.want || (got.Checksum == "") != (name == "Elsewhere") {
			t.Errorf("%s: %s: %s, sum %q", name, tc.reason, got.URL, got.Checksum)
		}
	}
}

// TestMake holds that a hub without Rancher makes the NodeDriver itself, with what a credential is made of.
func TestMake(t *testing.T) {
	made := make(chan management.NodeDriver, 10)
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		var driver management.NodeDriver
		if req.Method != http.MethodPost || json.NewDecoder(req.Body).Decode(&driver) != nil {
			rw.Header().Set("Content-Type", "application/json")
			rw.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(rw, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
			return
		}
		made <- driver
		rw.WriteHeader(http.StatusCreated)
	}))
	defer api.Close()
	p := read(t)
	p.Hub = "https://hub"
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Announce(ctx, &rest.Config{Host: api.URL}, func(err error) { t.Error(err) }) }()
	driver := <-made
	for deadline := time.Now().Add(time.Minute); !p.told.Load() && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(content))
	want := management.NodeDriverSpec{
		DisplayName: "Croft", Active: true, AddCloudCredential: true, Checksum: hex.EncodeToString(sum[:]),
		URL: "https://hub/driver/linux-amd64/docker-machine-driver-croft",
	}
	if driver.Spec != want || driver.Name != Name || driver.Annotations["privateCredentialFields"] != "kubeconfigContent" {
		t.Errorf("the hub made %+v", driver)
	}
}

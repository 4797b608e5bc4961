package site

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
)

const (
	versionText  = `{"value":"v1.9.0"}`
	usageText    = `{"items":[{"usage":{"cpu":"250m","memory":"1Gi"}},{"usage":{"cpu":"1","memory":"3Gi"}}]}`
	longhornText = `{"items":[{"status":{"diskStatus":{"a":{"storageMaximum":100,"storageAvailable":30},"b":{"storageMaximum":50,"storageAvailable":60}}}},{"status":{}}]}`
	kubevirtText = `{"items":[{"status":{"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True"},{"type":"Degraded","status":"True","message":"virt-handler is missing on node-2."}]}}]}`
	cdiText      = `{"items":[{"status":{"conditions":[{"type":"Available","status":"False"}]}}]}`
)

// TestReadVitals reads sites that serve much, little and nonsense, through a real collector.
func TestReadVitals(t *testing.T) {
	before := vitals{known: true, version: "v1.8.0", cpu: 7}
	cases := map[string]struct {
		reason  string
		answers map[string]string
		want    vitals
		fails   bool
	}{
		"Croft": {
			"a whole site", map[string]string{versionSetting: versionText, usagePath: usageText, longhornPath: longhornText, operators[0].path: kubevirtText, operators[1].path: cdiText},
			vitals{
				known: true, version: "v1.9.0", cpu: 1.25, memory: 4 << 30, storage: &storage{capacity: 150, used: 70},
				complaints: []string{"KubeVirt is degraded: virt-handler is missing on node-2.", "CDI is not available."},
			}, false,
		},
		"Harvester": {"a site that serves and shows nothing but its version", map[string]string{versionSetting: `{"default":"v1.3.0"}`}, vitals{known: true, version: "v1.3.0"}, false},
		"NoVersion": {"without a version the site is no site yet", nil, before, true},
		"Nonsense":  {"what cannot be read changes nothing", map[string]string{versionSetting: versionText, longhornPath: `<html>`}, before, true},
		"Endless":   {"nor does a number without an end", map[string]string{versionSetting: versionText, usagePath: `{"items":[{"usage":{"cpu":"1e-2147483647"}}]}`}, before, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, ok := tc.answers[r.URL.Path]
				switch {
				case ok:
					_, _ = w.Write([]byte(text))
				case r.URL.Path == usagePath:
					http.Error(w, "not for you", http.StatusForbidden)
				default:
					http.NotFound(w, r)
				}
			}))
			defer server.Close()
			collector := &collect.Collector{ID: "c-1", Config: &rest.Config{Host: server.URL}, Budget: collect.DefaultBudget}
			got, err := readVitals(t.Context(), collector, before)
			if (err != nil) != tc.fails {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(vitals{}, storage{})); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestHealthy(t *testing.T) {
	good := index.Site{Connected: true, Synced: true}
	cases := map[string]struct {
		reason     string
		site       index.Site
		have       nodes
		complaints []string
		want       string
	}{
		"Good":     {"all is well", good, nodes{all: 3}, nil, "True Healthy All nodes are ready."},
		"Away":     {"nobody knows", index.Site{Message: "gone"}, nodes{all: 3, unready: 1}, nil, "Unknown NotFollowed The site is not being followed now, so nobody knows."},
		"Empty":    {"a cluster has nodes", good, nodes{}, nil, "Unknown NoNodes No node of the site is known."},
		"Node":     {"a node is not ready", good, nodes{all: 3, unready: 1, names: []string{"b"}}, []string{"CDI is degraded."}, "False NodesNotReady 1 of 3 nodes are not ready: b."},
		"Nodes":    {"the first are named", good, nodes{all: 9, unready: 5, names: []string{"a", "b", "c"}}, nil, "False NodesNotReady 5 of 9 nodes are not ready: a, b, c and others."},
		"KubeVirt": {"what runs machines is not well", good, nodes{all: 3}, []string{"KubeVirt is degraded: x.", "CDI is not available."}, "False ComponentDegraded KubeVirt is degraded: x. CDI is not available."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := healthy(tc.site, tc.have, tc.complaints)
			if diff := cmp.Diff(tc.want, string(c.Status)+" "+c.Reason+" "+c.Message); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

// TestReadOr tells an answer from a failure.
func TestReadOr(t *testing.T) {
	failed := errors.New("the tunnel is gone")
	from := reads(func() (string, error) { return "", failed })
	if _, err := readOr(context.Background(), from, usagePath, usageOf); !errors.Is(err, failed) {
		t.Errorf("a failure is no answer: %v", err)
	}
}

package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/fleet/bulkoperation"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/node"
)

const monitoring = "../charts/croft-fleet/monitoring/"

// TestMonitoringNamesWhatIsExported holds that every metric that a panel or a rule names is one that the fleet exports.
// What the expressions mean is tested by Prometheus itself, in test/prometheus.
func TestMonitoringNamesWhatIsExported(t *testing.T) {
	exported := exportedMetrics(t)
	named := 0
	for _, file := range []string{"alerts.yaml", "dashboard.json"} {
		text, err := os.ReadFile(monitoring + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bcroft_fleet_\w+`).FindAllString(string(text), -1) {
			named++
			for _, part := range []string{"_bucket", "_count", "_sum"} {
				if base, ok := strings.CutSuffix(name, part); ok && slices.Contains(exported, base) {
					name = base
				}
			}
			if !slices.Contains(exported, name) {
				t.Errorf("%s names %s, which nobody exports", file, name)
			}
		}
	}
	if named < 20 {
		t.Errorf("%d names were found: the files are not what they were", named)
	}
}

// registry collects descriptions alone.
type registry struct {
	names []string
}

var described = regexp.MustCompile(`fqName: "([^"]+)"`)

func (r *registry) Register(collector prometheus.Collector) error {
	told := make(chan *prometheus.Desc)
	go func() {
		defer close(told)
		collector.Describe(told)
	}()
	for one := range told {
		r.names = append(r.names, described.FindStringSubmatch(one.String())[1])
	}
	return nil
}

func (r *registry) MustRegister(...prometheus.Collector) {}
func (r *registry) Unregister(prometheus.Collector) bool { return false }

// exportedMetrics are the names of all that the fleet exports.
func exportedMetrics(t *testing.T) []string {
	t.Helper()
	rows := openRows(t)
	r := &registry{}
	if _, err := newMetrics(r, rows); err != nil {
		t.Fatal(err)
	}
	return r.names
}

func openRows(t *testing.T) *index.Index {
	t.Helper()
	rows, err := index.Open(t.Context(), t.TempDir(), []*index.Type{node.Type, bulkoperation.Type})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rows.Close() })
	return rows
}

// TestIndexMetrics counts the rows of real sites, and those of none.
func TestIndexMetrics(t *testing.T) {
	rows := openRows(t)
	for _, id := range []string{"c-1", "c-2"} {
		if err := rows.SetSite(t.Context(), index.Site{ID: id}); err != nil {
			t.Fatal(err)
		}
		change := index.Change{Name: "node-1", Part: []byte(`{"state":"Ready"}`)}
		if err := rows.Apply(t.Context(), index.Batch{Site: id, Type: node.Type, Changes: []index.Change{change}, Version: "1"}); err != nil {
			t.Fatal(err)
		}
	}
	pedantic := prometheus.NewPedanticRegistry()
	if _, err := newMetrics(pedantic, rows); err != nil {
		t.Fatal(err)
	}
	families, err := pedantic.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		if family.GetName() != "croft_fleet_index_rows" {
			continue
		}
		for _, metric := range family.Metric {
			got[metric.Label[0].GetValue()+" "+metric.Label[1].GetValue()] = metric.Gauge.GetValue()
		}
	}
	if diff := cmp.Diff(map[string]float64{"c-1 node": 1, "c-2 node": 1}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestMonitoringChart renders what Prometheus and Grafana are told.
func TestMonitoringChart(t *testing.T) {
	on := map[string]any{"metrics": map[string]any{"listen": "0.0.0.0:9090", "podMonitor": true, "rules": true, "dashboard": true, "dashboardNamespace": "cattle-dashboards"}}
	got := render(t, "croft-fleet", on)
	var dashboard corev1.ConfigMap
	if err := yaml.UnmarshalStrict([]byte(got["ConfigMap croft-fleet-dashboard"]), &dashboard); err != nil {
		t.Fatal(err)
	}
	if dashboard.Labels["grafana_dashboard"] != "1" || dashboard.Namespace != "cattle-dashboards" {
		t.Errorf("Grafana's sidecar does not find %v in %s", dashboard.Labels, dashboard.Namespace)
	}
	var page struct {
		Title  string
		Panels []struct{ Title string }
	}
	if err := json.Unmarshal([]byte(dashboard.Data["croft-fleet.json"]), &page); err != nil || page.Title == "" || len(page.Panels) < 10 {
		t.Errorf("the dashboard is %q with %d panels: %v", page.Title, len(page.Panels), err)
	}
	var rule struct {
		Spec struct {
			Groups []struct {
				Rules []struct {
					Alert       string
					Annotations map[string]string
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(got["PrometheusRule croft-fleet"]), &rule); err != nil || len(rule.Spec.Groups) != 1 {
		t.Fatalf("the rules are %+v: %v", rule, err)
	}
	for _, each := range rule.Spec.Groups[0].Rules {
		if each.Annotations["summary"] == "" || each.Annotations["description"] == "" {
			t.Errorf("%s says not what is wrong", each.Alert)
		}
	}
	if got["PodMonitor croft-fleet"] == "" {
		t.Error("nobody tells Prometheus where to read")
	}
	off := render(t, "croft-fleet", nil)
	for _, name := range []string{"ConfigMap croft-fleet-dashboard", "PrometheusRule croft-fleet", "PodMonitor croft-fleet"} {
		if off[name] != "" {
			t.Errorf("%s is there without being asked for: its kind may not be", name)
		}
	}
	_, err := renderIn(t, "croft-system", "croft-fleet", map[string]any{"metrics": map[string]any{"rules": true}})
	if err == nil || !strings.Contains(err.Error(), "metrics.listen is required") {
		t.Errorf("rules over metrics that nobody serves: want a sentence that names the value, got %v", err)
	}
}

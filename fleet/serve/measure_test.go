package serve

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// TestMeasure asks, and looks at what was counted: few words, whatever strangers write.
func TestMeasure(t *testing.T) {
	h := newHall(t)
	registry := prometheus.NewPedanticRegistry()
	metrics, err := NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	handler := Measure(metrics, h.Server)
	for _, path := range []string{
		"/v1/croft/virtualmachines", "/v1/croft/virtualmachine", "/v1/croft/virtualmachines/a/b/c", "/v1/croft/counts", "/v1/croft",
		"/v1/croft/stranger", "/v1/croft/virtualmachines/a/b/c/d", "/elsewhere", "/v1/croft/subscribe",
	} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, family := range families {
		for _, metric := range family.Metric {
			got[label(metric, "type")+" "+label(metric, "verb")] = metric.Histogram.GetSampleCount()
		}
	}
	want := map[string]uint64{"virtualmachine list": 2, "virtualmachine get": 1, "count list": 1, "schema list": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if Measure(nil, h.Server) != http.Handler(h.Server) {
		t.Error("who counts nothing is not in the way")
	}
}

func label(metric *dto.Metric, name string) string {
	for _, pair := range metric.Label {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

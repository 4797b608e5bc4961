package prometheus

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// counted is what KubeVirt counts of two machines of one name, and of another beside them.
const counted = `load 30s
  kubevirt_vmi_cpu_usage_seconds_total{namespace="default",name="web"} 0+15x40
  kubevirt_vmi_cpu_usage_seconds_total{namespace="other",name="web"} 0+60x40
  kubevirt_vmi_memory_available_bytes{namespace="default",name="web"} 1000x40
  kubevirt_vmi_memory_usable_bytes{namespace="default",name="web"} 400x40
  kubevirt_vmi_storage_read_traffic_bytes_total{namespace="default",name="web",drive="vda"} 0+300x40
  kubevirt_vmi_storage_read_traffic_bytes_total{namespace="default",name="web",drive="vdb"} 0+600x40
  kubevirt_vmi_network_receive_bytes_total{namespace="default",name="web",interface="tap0"} 0+3000x40
  kubevirt_vmi_network_receive_bytes_total{namespace="default",name="web-2",interface="tap0"} 0+9x40
`

// TestMachine asks what croft-backend asks of a machine: all measures at once, told apart by a label, over all of its disks
// and cards and nobody else's. What is not counted is not told.
func TestMachine(t *testing.T) {
	question, err := os.ReadFile("../../backend/virtualmachine/metrics/testdata/question.golden.promql")
	if err != nil {
		t.Fatal(err)
	}
	storage := promqltest.LoadedStorage(t, counted)
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	query, err := engine.NewRangeQuery(context.Background(), storage, nil, string(question), time.Unix(600, 0), time.Unix(1200, 0), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := query.Exec(context.Background()).Matrix()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"cpu": 0.5, "memory": 600, "read": 30, "received": 100}
	for _, series := range answer {
		measure := series.Metric.Get("measure")
		checkPoints(t, measure, series.Floats, want[measure])
		delete(want, measure)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}

func checkPoints(t *testing.T, measure string, points []promql.FPoint, want float64) {
	t.Helper()
	if len(points) != 11 {
		t.Errorf("%s has %d points, want 11", measure, len(points))
	}
	for _, point := range points {
		if point.F != want {
			t.Errorf("%s is %v, want %v", measure, point.F, want)
		}
	}
}

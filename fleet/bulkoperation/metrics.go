package bulkoperation

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"crofthci.io/croft/fleet/index"
)

var (
	operationsMetric = prometheus.NewDesc("croft_fleet_bulk_operations", "Bulk operations that are kept, by phase.", []string{"phase"}, nil)
	itemsMetric      = prometheus.NewDesc("croft_fleet_bulk_items", "Items of bulk operations that have their end, by result.", []string{"result"}, nil)
	waitingMetric    = prometheus.NewDesc("croft_fleet_bulk_items_waiting",
		"Items that are still to be done or being done, by the phase of their operation.", []string{"phase"}, nil)
)

// Metrics show how the operations are that are kept: a week after its end one is not counted any more. They are counted
// when somebody asks, from the index, so that every replica says the same.
type Metrics struct {
	// Hub is the name under which the hub's rows are kept.
	Hub string
	// Rows is the index.
	Rows *index.Index
}

// Describe tells what there is.
func (m *Metrics) Describe(told chan<- *prometheus.Desc) {
	told <- operationsMetric
	told <- itemsMetric
	told <- waitingMetric
}

var (
	phases  = []string{"Pending", "Checked", "Running", "Paused", "Completed", "Failed", "Cancelled"}
	results = []string{"succeeded", "skipped", "failed", "unknown"}
	waiting = []string{"pending", "sent"}
)

// countWithin is how long counting may take. Who asks for metrics waits no longer.
const countWithin = 5 * time.Second

// Collect counts the operations and their items. What there is none of is told too, so that an alert sees it end.
func (m *Metrics) Collect(told chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countWithin)
	defer cancel()
	query := index.Query{Type: Type, Scope: index.Scope{Sites: []string{m.Hub}}}
	tallies, err := m.Rows.Count(ctx, query, []string{"state"}, append(results[:len(results):len(results)], waiting...))
	if err != nil {
		slog.Warn("bulk operations could not be counted for the metrics", "error", err)
		return
	}
	counts, left, ends := map[string]float64{}, map[string]float64{}, make([]float64, len(results))
	for _, tally := range tallies {
		phase := tally.Values[0]
		counts[phase] += float64(tally.Count)
		for i, sum := range tally.Sums {
			if i < len(results) {
				ends[i] += sum
				continue
			}
			left[phase] += sum
		}
	}
	for _, phase := range phases {
		told <- prometheus.MustNewConstMetric(operationsMetric, prometheus.GaugeValue, counts[phase], phase)
	}
	for _, phase := range []string{"Pending", "Running", "Paused"} {
		told <- prometheus.MustNewConstMetric(waitingMetric, prometheus.GaugeValue, left[phase], phase)
	}
	for i, result := range results {
		told <- prometheus.MustNewConstMetric(itemsMetric, prometheus.GaugeValue, ends[i], result)
	}
}

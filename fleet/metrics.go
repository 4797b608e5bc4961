package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"crofthci.io/croft/fleet/bulkoperation"
	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/serve"
	"crofthci.io/croft/fleet/site"
)

// fleetMetrics is everything that the fleet counts, beside what the controllers count for themselves. Where nobody reads
// it, it is empty and counts nothing.
type fleetMetrics struct {
	collected *collect.Metrics
	sites     *site.Metrics
	asked     *serve.Metrics
}

// newMetrics makes and registers all metrics.
func newMetrics(registry prometheus.Registerer, rows *index.Index) (fleetMetrics, error) {
	var m fleetMetrics
	var errs [5]error
	m.collected, errs[0] = collect.NewMetrics(registry)
	m.sites, errs[1] = site.NewMetrics(registry)
	m.asked, errs[2] = serve.NewMetrics(registry)
	errs[3] = registry.Register(&indexMetrics{rows: rows})
	errs[4] = registry.Register(&bulkoperation.Metrics{Hub: hubSite, Rows: rows})
	return m, errors.Join(errs[:]...)
}

var (
	rowsMetric    = prometheus.NewDesc("croft_fleet_index_rows", "Rows of the index, by type and site.", []string{"type", "site"}, nil)
	fullMetric    = prometheus.NewDesc("croft_fleet_index_full", "Whether the last write to the index found no room.", nil, nil)
	droppedMetric = prometheus.NewDesc("croft_fleet_subscribers_dropped_total", "Subscribers that were too slow, and had to read again.", nil, nil)
)

// indexMetrics shows how the index is. It counts when it is asked.
type indexMetrics struct {
	rows *index.Index
}

// Describe tells what there is.
func (m *indexMetrics) Describe(told chan<- *prometheus.Desc) {
	told <- rowsMetric
	told <- fullMetric
	told <- droppedMetric
}

// countWithin is how long counting may take. Who asks for metrics waits no longer.
const countWithin = 5 * time.Second

// Collect counts the rows of every type that is served.
func (m *indexMetrics) Collect(told chan<- prometheus.Metric) {
	full := 0.0
	if m.rows.Full() {
		full = 1
	}
	told <- prometheus.MustNewConstMetric(fullMetric, prometheus.GaugeValue, full)
	told <- prometheus.MustNewConstMetric(droppedMetric, prometheus.CounterValue, float64(m.rows.Dropped()))
	ctx, cancel := context.WithTimeout(context.Background(), countWithin)
	defer cancel()
	var scope index.Scope
	for _, each := range m.rows.Sites() {
		scope.Sites = append(scope.Sites, each.ID)
	}
	for _, t := range m.rows.Types() {
		if t.Hidden {
			continue
		}
		tallies, err := m.rows.Count(ctx, index.Query{Type: t, Scope: scope}, []string{"site"}, nil)
		if err != nil {
			slog.Warn("rows could not be counted for the metrics", "type", t.Name, "error", err)
			return
		}
		for _, tally := range tallies {
			told <- prometheus.MustNewConstMetric(rowsMetric, prometheus.GaugeValue, float64(tally.Count), t.Name, tally.Values[0])
		}
	}
}

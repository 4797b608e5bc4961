package collect

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are what the collectors count. A nil Metrics counts nothing.
type Metrics struct {
	connected *prometheus.GaugeVec
	heard     *prometheus.GaugeVec
	lists     *prometheus.CounterVec
	listing   *prometheus.GaugeVec
	events    *prometheus.CounterVec
	failures  *prometheus.CounterVec
	left      *prometheus.CounterVec
	written   *prometheus.CounterVec
	waited    *prometheus.HistogramVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "croft", Subsystem: "fleet", Name: name, Help: help}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "croft", Subsystem: "fleet", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		connected: gauge("site_connected", "Whether the site answered the last pulse.", "site"),
		heard:     gauge("site_last_heard_timestamp_seconds", "When the site last answered.", "site"),
		lists:     counter("site_lists_total", "Lists begun.", "site", "source"),
		listing:   gauge("site_list_duration_seconds", "How long the last whole list took.", "site", "source"),
		events:    counter("site_events_total", "Events of watches.", "site", "source"),
		failures:  counter("site_failures_total", "Lists and watches that failed.", "site", "source"),
		left:      counter("site_left_out_total", "Objects left out because they are beyond the site's budget or cannot be read.", "site", "source"),
		written:   counter("site_changes_written_total", "Changes given to the index.", "site"),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "croft", Subsystem: "fleet", Name: "site_change_written_seconds",
			Help:    "How long the first change of a batch waited, from the site's watch until it was in the index.",
			Buckets: []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60},
		}, []string{"site"}),
	}
	for _, each := range []prometheus.Collector{m.connected, m.heard, m.lists, m.listing, m.events, m.failures, m.left, m.written, m.waited} {
		if err := registry.Register(each); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) pulse(site string, h Health) {
	if m == nil {
		return
	}
	connected := 0.0
	if h.Connected {
		connected = 1
	}
	m.connected.WithLabelValues(site).Set(connected)
	if !h.LastHeard.IsZero() {
		m.heard.WithLabelValues(site).Set(float64(h.LastHeard.Unix()))
	}
}

func (m *Metrics) listed(site, source string) {
	if m != nil {
		m.lists.WithLabelValues(site, source).Inc()
	}
}

func (m *Metrics) listTook(site, source string, took time.Duration) {
	if m != nil {
		m.listing.WithLabelValues(site, source).Set(took.Seconds())
	}
}

func (m *Metrics) changed(site, source string) {
	if m != nil {
		m.events.WithLabelValues(site, source).Inc()
	}
}

func (m *Metrics) failed(site, source string) {
	if m != nil {
		m.failures.WithLabelValues(site, source).Inc()
	}
}

func (m *Metrics) leftOut(site, source string) {
	if m != nil {
		m.left.WithLabelValues(site, source).Inc()
	}
}

func (m *Metrics) wrote(site string, changes int) {
	if m != nil {
		m.written.WithLabelValues(site).Add(float64(changes))
	}
}

// waitedFor counts how long a batch of a watch took into the index.
func (m *Metrics) waitedFor(site string, took time.Duration) {
	if m != nil {
		m.waited.WithLabelValues(site).Observe(took.Seconds())
	}
}

// forget removes what was counted of a site that has left.
func (m *Metrics) forget(site string) {
	if m == nil {
		return
	}
	of := prometheus.Labels{"site": site}
	m.connected.DeletePartialMatch(of)
	m.heard.DeletePartialMatch(of)
	m.lists.DeletePartialMatch(of)
	m.listing.DeletePartialMatch(of)
	m.events.DeletePartialMatch(of)
	m.failures.DeletePartialMatch(of)
	m.left.DeletePartialMatch(of)
	m.written.DeletePartialMatch(of)
	m.waited.DeletePartialMatch(of)
}

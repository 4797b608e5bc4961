package serve

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what is asked. A nil Metrics counts nothing.
type Metrics struct {
	took *prometheus.HistogramVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "croft_fleet_query_seconds", Help: "How long a question to /v1/croft took, by type and by verb; websockets are not counted.",
		Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10},
	}, []string{"type", "verb"})}
	return m, registry.Register(m.took)
}

// Measure counts the questions to a server and how long each takes.
func Measure(m *Metrics, s *Server) http.Handler {
	if m == nil {
		return s
	}
	return http.HandlerFunc(func(writer http.ResponseWriter, incoming *http.Request) {
		kind, verb, ok := s.asked(incoming)
		if !ok {
			s.ServeHTTP(writer, incoming)
			return
		}
		begun := time.Now()
		s.ServeHTTP(writer, incoming)
		m.took.WithLabelValues(kind, verb).Observe(time.Since(begun).Seconds())
	})
}

// asked is what a request asks for, in words of which there are few. A websocket stays open and is no question.
func (s *Server) asked(incoming *http.Request) (kind, verb string, ok bool) {
	word, name, ok := parsePath(incoming.URL.Path)
	if !ok {
		return "", "", false
	}
	schema := s.api.Schemas.LookupSchema(word)
	if schema == nil || schema.ID == "subscribe" {
		return "", "", false
	}
	if name == "" {
		return schema.ID, "list", true
	}
	return schema.ID, "get", true
}

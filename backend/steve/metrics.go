package steve

import (
	"bufio"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rancher/steve/pkg/accesscontrol"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// metrics are the server's own figures. Steve's are in Prometheus' default registry when CATTLE_PROMETHEUS_METRICS is
// true in the environment.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "croft_backend_requests_total", Help: "Requests answered, by kind, method and status code.",
		}, []string{"kind", "method", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "croft_backend_request_duration_seconds", Help: "How long answers took, by kind and method.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 12),
		}, []string{"kind", "method"}),
	}
	m.registry.MustRegister(m.requests, m.duration, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// metered counts requests and writes a line about each. A line has the path and no query, and no header: what opens
// doors is kept in those.
func (s *Server) metered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		began := time.Now()
		counted := &counted{ResponseWriter: w, status: http.StatusOK, left: s.enter()}
		defer counted.left()
		next.ServeHTTP(counted, req)
		kind, method, took := s.kindOf(req), methodOf(req), time.Since(began)
		s.metrics.requests.WithLabelValues(kind, method, strconv.Itoa(counted.status)).Inc()
		s.metrics.duration.WithLabelValues(kind, method).Observe(took.Seconds())
		s.log.Info("request", "method", method, "path", req.URL.Path, "user", counted.user,
			"status", counted.status, "seconds", took.Seconds())
	})
}

// named tells the line about a request who sends it.
func named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if caller, ok := request.UserFrom(req.Context()); ok {
			if counted, ok := w.(*counted); ok {
				counted.user = caller.GetName()
			}
		}
		next.ServeHTTP(w, req)
	})
}

// methods are those that a request may have, for a label of bounded variety.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

func methodOf(req *http.Request) string {
	if slices.Contains(methods, req.Method) {
		return req.Method
	}
	return "other"
}

// kindOf is a label of bounded variety for a request: a kind that a capability serves, or what else it is.
func (s *Server) kindOf(req *http.Request) string {
	path := strings.Trim(req.URL.Path, "/")
	rest, ok := strings.CutPrefix(path, stevePath+"/")
	if !ok {
		return "kubernetes"
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(rest, "harvester/"), "/")
	for _, resource := range s.resources {
		id := strings.TrimPrefix(strings.ToLower(resource.Kind.Group+"."+resource.Kind.Kind), ".")
		if kind == id || kind == id+"s" {
			return id
		}
	}
	return "other"
}

// metricsHandler serves the figures to whom the cluster allows to read /metrics.
func (s *Server) metricsHandler() http.Handler {
	figures := promhttp.HandlerFor(prometheus.Gatherers{prometheus.DefaultGatherer, s.metrics.registry}, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, // both registries know the process
	})
	return requireCaller(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		caller, _ := request.UserFrom(req.Context())
		if !readsMetrics(s.access.AccessFor(caller)) {
			writeFault(w, http.StatusForbidden, "Forbidden", "You have no right to do this: it needs get /metrics.")
			return
		}
		figures.ServeHTTP(w, req)
	}))
}

func readsMetrics(set *accesscontrol.AccessSet) bool {
	return set.GrantsNonResource("get", "/metrics")
}

// counted remembers the status of an answer and who is answered.
type counted struct {
	http.ResponseWriter
	status int
	user   string
	left   func()
}

// WriteHeader keeps the status.
func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// Hijack gives a websocket its connection. Nobody waits for its end: it has none of its own.
func (c *counted) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c.status = http.StatusSwitchingProtocols
	c.left()
	return http.NewResponseController(c.ResponseWriter).Hijack()
}

// Flush sends what has been written, for answers that do not end.
func (c *counted) Flush() {
	_ = http.NewResponseController(c.ResponseWriter).Flush()
}

// Unwrap is the writer inside, for those who need more of it.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

package lightapi

import (
	"net/http"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Server is one API server: a handler, to be served by whatever listener.
type Server struct {
	store

	ended chan struct{}
	once  sync.Once
}

// New makes a server without objects.
func New(kinds ...Kind) *Server {
	s := &Server{ended: make(chan struct{})}
	s.last = 1
	for _, kind := range kinds {
		s.tables = append(s.tables, newTable(kind))
	}
	return s
}

// End ends all watches, as a server does that is stopped.
func (s *Server) End() {
	s.once.Do(func() { close(s.ended) })
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, ok := s.placeOf(r.URL.Path)
	if !ok {
		s.discover(w, r)
		return
	}
	if err := unsupported(r); err != nil {
		answer(w, nil, err)
		return
	}
	switch {
	case r.Method == http.MethodGet && isWatch(r.URL.Query()) && p.name == "":
		if err := s.watch(w, r, p); err != nil {
			answer(w, nil, err)
		}
	case r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "as=Table"):
		answer(w, asTable(0), nil)
	case r.Method == http.MethodGet && p.name == "":
		text, err := s.list(p, r.URL.Query())
		answer(w, text, err)
	case r.Method == http.MethodGet:
		text, err := s.get(p)
		answer(w, text, err)
	default:
		s.change(w, r, p)
	}
}

// change answers a request that writes.
func (s *Server) change(w http.ResponseWriter, r *http.Request, p place) {
	var text []byte
	var err error
	switch {
	case r.Method == http.MethodPost && p.name == "":
		if text, err = s.create(p, r.Body); err == nil {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
		}
	case r.Method == http.MethodPut && p.name != "":
		text, err = s.update(p, r.Body)
	case r.Method == http.MethodDelete && p.name != "":
		text, err = s.remove(p)
	default:
		err = refusal{http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, "the light API server does not do " + r.Method + " here"}
	}
	answer(w, text, err)
}

// unsupported refuses what the server would else answer wrongly.
func unsupported(r *http.Request) error {
	query := r.URL.Query()
	for _, name := range []string{"labelSelector", "fieldSelector"} {
		if query.Get(name) != "" {
			return refusal{http.StatusBadRequest, metav1.StatusReasonBadRequest, "the light API server has no " + name}
		}
	}
	return nil
}

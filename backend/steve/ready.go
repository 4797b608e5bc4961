package steve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"crofthci.io/croft/backend/capability"
)

// readiness says whether the server can answer for every kind that it serves.
type readiness struct {
	mutex    sync.Mutex
	ready    bool
	stopping bool
	message  string
}

// Readiness is the answer of readyz, as Harvester gives it.
type Readiness struct {
	// Ready says whether the server can answer.
	Ready bool `json:"ready"`
	// Message says what it still waits for.
	Message string `json:"msg"`
	// Timestamp is when it was asked, in RFC 3339.
	Timestamp string `json:"timestamp"`
}

// set says whether the server is ready, and whether it was something else before. A server that stops is not ready again.
func (r *readiness) set(ready bool, message string) (changed bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.stopping {
		return false
	}
	changed = r.ready != ready
	r.ready, r.message = ready, message
	return changed
}

func (r *readiness) stop() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.ready, r.stopping, r.message = false, true, "The server is stopping."
}

func (r *readiness) get() (bool, string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.ready, r.message
}

// How long to wait between attempts to make every list answer, until the server is ready and after, and for an answer.
const (
	warmRetry  = 300 * time.Millisecond
	readyAgain = 5 * time.Second
	listsLimit = time.Minute
)

// watchReadiness asks for every list before the server says it is ready, and again and again after. The first list of a
// kind reads all of it into the SQL cache; when the columns of a definition arrive meanwhile, Steve drops the cache and
// the list fails. Later a cache is lost with its definition, and the API server may go away.
func (s *Server) watchReadiness(ctx context.Context) {
	s.readiness.set(false, "The server is starting.")
	for ctx.Err() == nil {
		pause := readyAgain
		if err := s.tryLists(ctx); err != nil {
			pause = warmRetry
			if s.readiness.set(false, err.Error()) {
				s.log.Warn("not ready", "error", err)
			}
		} else if s.readiness.set(true, "") {
			s.log.Info("ready")
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (s *Server) tryLists(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listsLimit)
	defer cancel()
	if kind := s.facts.missing(); kind != "" {
		return fmt.Errorf("waiting for the objects of kind %s", kind)
	}
	if kind := s.census.missing(); kind != "" {
		return fmt.Errorf("waiting for the names of the objects of kind %s", kind)
	}
	self, err := s.self(ctx)
	if err != nil {
		return err
	}
	for _, resource := range s.resources {
		if err := s.tryList(ctx, self, resource); err != nil {
			return err
		}
	}
	return nil
}

// tryList asks for one object of a kind, as the server itself, the way a client would.
func (s *Server) tryList(ctx context.Context, self *authenticationv1.UserInfo, resource capability.Resource) error {
	// Steve names the kinds of the first group by their name alone.
	kind := strings.TrimPrefix(strings.ToLower(resource.Kind.Group+"."+resource.Kind.Kind), ".")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/"+stevePath+"/"+kind+"?pagesize=1", nil)
	if err != nil {
		return err
	}
	answer := &discarded{header: http.Header{}}
	s.inner.ServeHTTP(answer, as(infoOf(*self), req))
	switch answer.status {
	case http.StatusOK:
		return nil
	case http.StatusNotFound:
		if resource.Optional {
			return nil
		}
		return fmt.Errorf("the cluster does not serve %s, or the server has no right to list it", kind)
	default:
		return fmt.Errorf("the list of %s is not ready", kind)
	}
}

// self is who the API server takes this server for.
func (s *Server) self(ctx context.Context) (*authenticationv1.UserInfo, error) {
	clients, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		return nil, err
	}
	answer, err := clients.AuthenticationV1().SelfSubjectReviews().Create(ctx,
		&authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("the API server does not answer: %w", err)
	}
	return &answer.Status.UserInfo, nil
}

// Ready says whether the server can answer for every kind that it serves, and if not, what it waits for.
func (s *Server) Ready() (bool, string) {
	return s.readiness.get()
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	ready, message := s.readiness.get()
	w.Header().Set("Content-Type", "application/json")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(Readiness{Ready: ready, Message: message, Timestamp: time.Now().UTC().Format(time.RFC3339)})
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("ok\n"))
}

// pong says that the tunnel leads to somebody, in Rancher's word.
func pong(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("pong"))
}

// discarded is a response of which only the status matters.
type discarded struct {
	header http.Header
	status int
}

// Header is where headers go.
func (d *discarded) Header() http.Header { return d.header }

// Write drops the body.
func (d *discarded) Write(body []byte) (int, error) {
	if d.status == 0 {
		d.status = http.StatusOK
	}
	return len(body), nil
}

// WriteHeader keeps the status.
func (d *discarded) WriteHeader(status int) { d.status = status }

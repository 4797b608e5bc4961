package steve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/accesscontrol"
	"github.com/rancher/steve/pkg/schema"
	"github.com/rancher/steve/pkg/server"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"crofthci.io/croft/backend/capability"
)

// Options say what a Server serves and to whom.
type Options struct {
	// Config reaches the cluster with the server's own rights. They are used to watch, to review tokens and to
	// impersonate; never to act for a caller.
	Config *rest.Config
	// Capabilities are what is served beside Steve's plain kinds.
	Capabilities []capability.Capability
	// Authenticator finds the caller of a request on the server's own port. Required: without one, Steve would take
	// everybody for an administrator.
	Authenticator Authenticator
	// Version is what the server says of itself.
	Version string
	// Prometheus is the URL of the site's Prometheus. Optional: without one, nobody is told what his machines have used.
	Prometheus string
	// Log takes what an operator should know.
	Log *slog.Logger
}

// Server is a Steve server that serves capabilities. Make one with New, then Start it.
type Server struct {
	steve        parts
	census       *census
	controllers  *server.Controllers
	access       *accesscontrol.AccessStore
	config       *rest.Config
	scheme       *runtime.Scheme
	mapper       meta.RESTMapper
	facts        *facts
	once         once
	court        court
	resources    []capability.Resource
	special      []capability.Route
	authenticate Authenticator
	prometheus   string
	inner        http.Handler
	readiness    readiness
	metrics      *metrics
	underWay     atomic.Int64
	log          *slog.Logger
}

// New makes a server; nothing is watched before Start. Steve's cache database is made in the process's working
// directory and dropped at every start.
func New(ctx context.Context, options Options) (*Server, error) {
	if options.Authenticator == nil {
		return nil, errors.New("no authenticator: without one everybody would be an administrator")
	}
	s := &Server{
		config:       unthrottled(options.Config),
		authenticate: options.Authenticator,
		prometheus:   options.Prometheus,
		metrics:      newMetrics(),
		once:         newOnce(),
		log:          options.Log,
	}
	if err := s.gather(options.Capabilities); err != nil {
		return nil, err
	}
	if err := s.makeSteve(ctx, options.Version); err != nil {
		return nil, fmt.Errorf("make Steve: %w", err)
	}
	return s, nil
}

// gather prepares what the capabilities declare.
func (s *Server) gather(capabilities []capability.Capability) error {
	s.scheme = runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(s.scheme); err != nil {
		return fmt.Errorf("teach Kubernetes' kinds: %w", err)
	}
	for _, c := range capabilities {
		if err := c.Scheme.AddToScheme(s.scheme); err != nil {
			return fmt.Errorf("teach the kinds of %s: %w", c.Name, err)
		}
		s.resources = append(s.resources, c.Resources...)
		s.special = append(s.special, c.Routes...)
	}
	httpClient, err := rest.HTTPClientFor(s.config)
	if err != nil {
		return fmt.Errorf("reach the cluster: %w", err)
	}
	if s.mapper, err = apiutil.NewDynamicRESTMapper(s.config, httpClient); err != nil {
		return fmt.Errorf("learn the cluster's kinds: %w", err)
	}
	if s.facts, err = newFacts(s.config, s.scheme, s.mapper, capabilities); err != nil {
		return err
	}
	s.court = newCourt(s.facts)
	return nil
}

func (s *Server) makeSteve(ctx context.Context, version string) error {
	var err error
	if s.controllers, err = server.NewController(s.config, nil); err != nil {
		return err
	}
	s.access = accesscontrol.NewAccessStore(ctx, true, s.controllers.RBAC)
	index(s.resources, s.once)
	if err := s.assemble(ctx, version); err != nil {
		return err
	}
	if err := s.describe(s.steve.base); err != nil {
		return err
	}
	s.steve.kinds.AddTemplate(schema.Template{Customize: func(schema *types.APISchema) { s.adopt(schema) }})
	s.inner = s.steve.handler
	return nil
}

// Start begins to watch the cluster and returns; Handler answers from then on, and says when it is ready.
func (s *Server) Start(ctx context.Context) error {
	go s.facts.run(ctx, s.log)
	if err := s.controllers.Start(ctx); err != nil {
		return fmt.Errorf("watch the cluster: %w", err)
	}
	go s.watchReadiness(ctx)
	return nil
}

// unthrottled is a config whose requests do not wait for each other and whose failures can be explained.
func unthrottled(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.RateLimiter = nil
	config.Timeout = 15 * time.Minute
	config.WarningHandler = rest.NoWarnings{} // a caller's warnings go to the caller; the server's own are no news
	config.Wrap(noted)
	return config
}

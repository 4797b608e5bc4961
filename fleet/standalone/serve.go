package standalone

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"crofthci.io/croft/fleet/standalone/access"
	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/aggregation"
	"crofthci.io/croft/fleet/standalone/certificate"
	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/fleet/standalone/kubeconfig"
	"crofthci.io/croft/fleet/standalone/login"
	"crofthci.io/croft/fleet/standalone/norman"
	"crofthci.io/croft/fleet/standalone/password"
	"crofthci.io/croft/fleet/standalone/proxy"
	"crofthci.io/croft/fleet/standalone/registration"
	"crofthci.io/croft/fleet/standalone/right"
	"crofthci.io/croft/fleet/standalone/setting"
	"crofthci.io/croft/fleet/standalone/steve"
	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/fleet/standalone/uiplugin"
	"crofthci.io/croft/pkg/rancher/management"
)

const (
	// sweepEvery is how often ended tokens are deleted.
	sweepEvery = 10 * time.Minute
	// renewEvery is how often the serving certificate is looked at.
	renewEvery = time.Hour
	// stopTime bounds how long requests may finish when the hub stops.
	stopTime = 5 * time.Second
	// readHeaderTime bounds how long a client may take over its headers.
	readHeaderTime = 20 * time.Second
	// idleTime is how long a connection without a request is kept. There is no limit
	// on requests themselves: watches and uploads last.
	idleTime = 2 * time.Minute
	// mostHeader leaves room for what an agent brings in a header.
	mostHeader = 256 << 10
)

// parts are what the hub is made of.
type parts struct {
	scheme      *runtime.Scheme
	config      *rest.Config
	live        client.Client
	users       *account.Store
	certificate *certificate.Keeper

	manager      ctrl.Manager
	access       *access.Reviewer
	settings     *setting.Reader
	tokens       *token.Store
	tunnel       *tunnel.Server
	clusters     *downstream.Clusters
	backend      *proxy.Backend
	aggregations *aggregation.Registry
	plugins      *uiplugin.Server
	steve        http.Handler
	norman       http.Handler
	brake        *login.Brake
	strangers    login.Strangers
	report       func(ctx context.Context, err error)
	log          *slog.Logger
}

// serve starts everything that runs and returns when the listener is open.
func serve(ctx context.Context, o Options, p *parts) (*Hub, error) {
	p.log = o.Log
	p.report = func(_ context.Context, err error) { o.Log.Error("Something failed inside", "error", err) }

	changes := make(chan event.GenericEvent, 1024)
	if err := p.assemble(o, changes); err != nil {
		return nil, err
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.manager.Start(ctx) })

	if !p.manager.GetCache().WaitForCacheSync(ctx) {
		return nil, errors.Join(errors.New("the hub's objects could not be read"), group.Wait())
	}

	var err error

	passwords := &password.Desk{Live: p.live, Access: p.access, Users: p.users, Tokens: p.tokens, Brake: p.brake}

	kubeconfigs := &kubeconfig.Desk{
		Live: p.live, Access: p.access, Tokens: p.tokens, Settings: p.settings,
		ServerURL: o.ServerURL, AuthorityPEM: p.certificate.AuthorityPEM,
	}

	p.steve, err = steve.New(ctx, p.config, steve.Options{
		Live: p.live, Users: p.users, Passwords: passwords, Kubeconfigs: kubeconfigs, Version: RancherVersion,
	})
	if err != nil {
		return nil, err
	}

	if err := steve.Warm(ctx, p.steve); err != nil {
		return nil, err
	}

	p.norman, err = norman.New(norman.Options{
		Config: p.config, Live: p.live, Users: p.users, Tokens: p.tokens, Passwords: passwords,
		Kubeconfigs: kubeconfigs, Settings: p.settings, Report: p.report,
	})
	if err != nil {
		return nil, err
	}

	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (is another hub running?): %w", o.Listen, err)
	}

	group.Go(func() error { return p.listen(ctx, tls.NewListener(listener, p.tls()), p.routes(o)) })
	group.Go(func() error { return p.every(ctx, sweepEvery, p.tokens.Sweep) })
	group.Go(func() error { return p.every(ctx, renewEvery, p.certificate.Renew) })

	system, err := p.systemToken(ctx)
	if err != nil {
		return nil, err
	}

	return &Hub{AuthorityPEM: p.certificate.AuthorityPEM, SystemToken: system, group: group}, nil
}

// assemble makes the parts and lets them know each other.
func (p *parts) assemble(o Options, changes chan event.GenericEvent) error {
	var err error

	p.manager, err = ctrl.NewManager(p.config, ctrl.Options{
		Scheme:  p.scheme,
		Metrics: metricsserver.Options{BindAddress: "0"},
		Client:  client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}, &corev1.Namespace{}}}},
		Cache:   cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
	})
	if err != nil {
		return fmt.Errorf("manager of the hub: %w", err)
	}

	p.brake = &login.Brake{Now: time.Now}
	p.strangers = login.Strangers{Brake: p.brake, Addresses: login.Addresses{Trusted: o.TrustedProxies}}

	cached := p.manager.GetClient()
	p.settings = &setting.Reader{Client: cached}
	p.users.Settings = p.settings
	p.access = &access.Reviewer{Client: p.live}
	p.tokens = &token.Store{Client: cached, Live: p.live, Now: time.Now}

	connect := &registration.Connect{Known: cached, Live: p.live}
	rights := right.NewRegistry(cached, p.live)
	p.aggregations = aggregation.NewRegistry()

	p.tunnel = tunnel.New(func(key string) { p.changed(key, changes, rights) }, p.report,
		connect.Agent, connect.Steve, (&aggregation.Connect{Registry: p.aggregations, Live: p.live}).Authorize)
	p.tunnel.Strangers = p.strangers
	p.clusters = &downstream.Clusters{Reader: cached, Secrets: p.live, Tunnel: p.tunnel}
	connect.Forget = p.clusters.Forget
	p.backend = &proxy.Backend{Tunnel: p.tunnel, Report: p.report}
	p.plugins = &uiplugin.Server{}

	if o.ExtensionDir != "" {
		// A hub without this page is better than none.
		if err := p.plugins.AddFolder(o.ExtensionDir); err != nil {
			o.Log.Warn("The extension is not served", "error", err)
		}
	}

	rights.Clusters = p.clusters

	return errors.Join(
		registration.Setup(p.manager, registration.Options{
			Live: p.live, Clusters: p.clusters, ServerURL: o.ServerURL, Checksum: p.checksum,
			Changes: changes, Leaving: rights.Leave, Now: time.Now,
		}),
		right.Setup(p.manager, rights),
		aggregation.Setup(p.manager, p.aggregations, aggregation.Options{
			Live: p.live, ServerURL: o.ServerURL, AuthorityPEM: p.certificate.AuthorityPEM, Cut: p.tunnel.Cut,
		}),
		uiplugin.Setup(p.manager, p.plugins, uiplugin.Options{Folder: o.DataDir, Trust: p.certificate.AuthorityPEM}),
	)
}

// changed passes on that a tunnel came or went. The caller is the tunnel itself,
// so this must not wait.
func (p *parts) changed(key string, changes chan event.GenericEvent, rights *right.Registry) {
	p.backend.Forget(key)

	cluster := &management.Cluster{ObjectMeta: metav1.ObjectMeta{Name: key}}
	// The session is added and removed a moment after the connection, so look twice.
	for _, after := range []time.Duration{0, 200 * time.Millisecond, 2 * time.Second} {
		time.AfterFunc(after, func() {
			select {
			case changes <- event.GenericEvent{Object: cluster}:
			default: // So many changes wait that this cluster is looked at anyway.
			}

			rights.Poke(key)
		})
	}
}

func (p *parts) checksum() string { return certificate.Checksum(p.certificate.AuthorityPEM) }

func (p *parts) tls() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: p.certificate.Certificate,
		NextProtos:     []string{"h2", "http/1.1"},
	}
}

// listen serves until the context ends. Tunnels and watches last, so what is left
// after a while is cut.
func (p *parts) listen(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    mostHeader,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          log.New(&quiet{p.log}, "", 0),
	}

	stopped := make(chan error, 1)

	go func() {
		<-ctx.Done()

		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()

		if err := server.Shutdown(bounded); err != nil {
			_ = server.Close()
		}

		// Connections that were taken over are not the server's to close.
		p.tunnel.CutAll()

		stopped <- nil
	}()

	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}

	return <-stopped
}

// every does a thing again and again until the context ends.
func (p *parts) every(ctx context.Context, period time.Duration, do func(context.Context) error) error {
	ticker := time.NewTicker(period)
	defer ticker.Stop()

	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := do(ctx); err != nil {
				p.report(ctx, err)
			}
		}
	}
}

// quiet takes what net/http has to say about clients who went away.
type quiet struct{ log *slog.Logger }

// Write logs a line.
func (q *quiet) Write(line []byte) (int, error) {
	q.log.Debug("HTTP", "message", string(line))

	return len(line), nil
}

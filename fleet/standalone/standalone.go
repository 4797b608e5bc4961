// Package standalone is the hub for those who have no Rancher: login, users,
// cluster registration, tunnels, proxies, the dashboard and its extensions, on
// the paths, headers, secrets and status codes of Rancher 2.15, so that sites,
// extension and node driver cannot tell the difference. It is not Rancher: it
// makes no clusters, installs no charts and knows no login but its own. Each noun
// has a package below; here they are put together. Begin reading at Start.
package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/bootstrap"
	"crofthci.io/croft/fleet/standalone/certificate"
	"crofthci.io/croft/pkg/rancher"
)

// RancherVersion is the version of Rancher that this hub answers as.
const RancherVersion = "v2.15.0"

// Options are what the hub is started with.
type Options struct {
	// Config leads to the hub's API server with an administrator's rights.
	Config *rest.Config
	// Listen is address and port to listen on.
	Listen string
	// ServerURL is how everybody reaches this server, without a slash at the end.
	ServerURL string
	// DashboardDir is the folder of a built Rancher Dashboard; none means no page.
	DashboardDir string
	// ExtensionDir is the folder of a built extension, dist-pkg/<name>-<version>.
	ExtensionDir string
	// Public is what else is served to everybody, by its path.
	Public map[string]http.Handler
	// DataDir is where fetched extensions are kept.
	DataDir string
	// AgentImage is the image that manifests name.
	AgentImage string
	// BootstrapPassword is the first password of admin; none means a random one.
	BootstrapPassword string
	// TrustedProxies are the proxies before this server whose X-Forwarded-For says
	// who guesses; none means that the other end of the connection is the client.
	TrustedProxies []netip.Prefix
	// Announce is told the first password, once, when it was made at random.
	Announce func(username, password string)
	// Log is told what happens.
	Log *slog.Logger
}

// Hub is a running hub.
type Hub struct {
	// AuthorityPEM is what clients trust.
	AuthorityPEM []byte
	// SystemToken is the token of the hub's own program, who may do everything.
	SystemToken string

	group *errgroup.Group
}

// Wait stays until the hub has stopped, and tells why if it was not asked to.
func (h *Hub) Wait() error { return h.group.Wait() }

// Start brings the hub up and returns when it serves. It stops with the context.
func Start(ctx context.Context, o Options) (*Hub, error) {
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}

	config := rest.CopyConfig(o.Config)
	config.QPS = -1 // The API server has its own fairness.

	live, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("client of the hub: %w", err)
	}

	if err := errors.Join(bootstrap.Namespaces(ctx, live), bootstrap.Definitions(ctx, live)); err != nil {
		return nil, fmt.Errorf("prepare the hub: %w", err)
	}

	// The mapper of the first client does not know the kinds that came since.
	live, err = client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("client of the hub: %w", err)
	}

	names, err := serverNames(o)
	if err != nil {
		return nil, err
	}

	keeper, err := certificate.Keep(ctx, live, names, time.Now)
	if err != nil {
		return nil, err
	}

	err = bootstrap.Run(ctx, live, bootstrap.Options{ServerURL: o.ServerURL, AuthorityPEM: keeper.AuthorityPEM, Version: RancherVersion})
	if err != nil {
		return nil, fmt.Errorf("prepare the hub: %w", err)
	}

	users := &account.Store{Client: live}

	first, err := users.EnsureFirst(ctx, o.BootstrapPassword)
	if err != nil {
		return nil, fmt.Errorf("first administrator: %w", err)
	}

	if first.Password != "" && o.Announce != nil {
		o.Announce(first.User.Username, first.Password)
	}

	return serve(ctx, o, &parts{scheme: scheme, config: config, live: live, users: users, certificate: keeper})
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	err := errors.Join(clientgoscheme.AddToScheme(scheme), apiextensionsv1.AddToScheme(scheme), rancher.AddToScheme(scheme))
	if err != nil {
		return nil, fmt.Errorf("scheme: %w", err)
	}

	return scheme, nil
}

// serverNames are the names and addresses that the certificate is for.
func serverNames(o Options) ([]string, error) {
	parsed, err := url.Parse(o.ServerURL)
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" {
		return nil, fmt.Errorf("--server-url %q must be https://host[:port]", o.ServerURL)
	}

	if parsed.Path != "" {
		return nil, fmt.Errorf("--server-url %q must have no path, not even a slash at its end", o.ServerURL)
	}

	names := []string{parsed.Hostname(), "localhost", "127.0.0.1"}

	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %q must be address:port: %w", o.Listen, err)
	}

	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		names = append(names, host)
	}

	return names, nil
}

// health answers that the process is there.
func health(body string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain")
		_, _ = rw.Write([]byte(body))
	}
}

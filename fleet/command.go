package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"crofthci.io/croft/fleet/extension"
	"crofthci.io/croft/fleet/standalone"
	"crofthci.io/croft/fleet/standalone/agent"
)

// serveCommand are the flags of `croft-fleet serve`.
type serveCommand struct {
	// Kubeconfig leads to the hub's API server; none means the pod's own account.
	Kubeconfig string `env:"KUBECONFIG" help:"Kubeconfig of the hub; none means the pod's service account." type:"path"`
	// DataDir is where the index and fetched extensions are kept.
	DataDir string `default:"/var/lib/croft-fleet" env:"CROFT_DATA_DIR" help:"Folder for the index and fetched extensions." type:"path"`

	// MetricsListen is where Prometheus reads.
	MetricsListen string `env:"CROFT_METRICS_LISTEN" help:"Address and port of /metrics; none means that there is none."`

	// RancherURL is where Rancher is.
	RancherURL string `env:"CROFT_RANCHER_URL" help:"URL of Rancher (without --standalone)."`
	// RancherTokenFile holds a token of Rancher.
	RancherTokenFile string `env:"CROFT_RANCHER_TOKEN_FILE" help:"File with a Rancher token that reaches every site (without --standalone)." type:"path"`
	// RancherCAFile holds what signs Rancher's certificate.
	RancherCAFile string `env:"CROFT_RANCHER_CA_FILE" help:"PEM file that signs Rancher's certificate; none means the system's authorities." type:"path"`

	// Standalone makes this process the hub.
	Standalone bool `env:"CROFT_STANDALONE" help:"Be the hub for those who have no Rancher: login, registration, tunnels, proxies, dashboard."`
	// Listen is where the hub listens.
	Listen string `default:"127.0.0.1:8443" env:"CROFT_LISTEN" help:"Address and port of the hub (with --standalone)."`
	// ServerURL is how the hub is reached.
	ServerURL string `env:"CATTLE_SERVER_URL" help:"URL by which browsers and sites reach the hub; none means https://<listen> (with --standalone)."`
	// DashboardDir is a built Rancher Dashboard.
	DashboardDir string `env:"CROFT_DASHBOARD_DIR" help:"Folder of a built Rancher Dashboard (with --standalone)." type:"path"`
	// ExtensionDir is the built extension.
	ExtensionDir string `env:"CROFT_EXTENSION_DIR" help:"Folder of the built extension, dist-pkg/croft-<version>." type:"path"`
	// ExtensionListen is where Rancher fetches the extension, and the kubelet asks how the program is.
	ExtensionListen string `env:"CROFT_EXTENSION_LISTEN" help:"Address and port of the extension, for Rancher to fetch, and of /healthz, over plain HTTP; none means neither (without --standalone)."`
	// DriverDir has the built node driver.
	DriverDir string `env:"CROFT_DRIVER_DIR" help:"Folder of the built node driver, docker-machine-driver-croft-<platform>; it is served beside the extension, or by the hub with --standalone." type:"path"`
	// AgentImage is the image that sites run as agent.
	AgentImage string `default:"crofthci/croft-fleet:dev" env:"CROFT_AGENT_IMAGE" help:"Image of the agent in the manifests of sites (with --standalone)."`
	// TrustedProxies are the proxies before the hub.
	TrustedProxies []netip.Prefix `env:"CROFT_TRUSTED_PROXIES" help:"Networks, such as 10.0.0.0/8, of proxies whose X-Forwarded-For is believed where logins are counted (with --standalone)."`
	// BootstrapPassword is the first password of admin.
	BootstrapPassword string `env:"CATTLE_BOOTSTRAP_PASSWORD" help:"First password of the user admin; none means a random one, printed once (with --standalone)."`
}

// Run finds out whose hub this is and serves.
func (c *serveCommand) Run(ctx context.Context, log *slog.Logger) error {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return fmt.Errorf("--kubeconfig: %w", err)
	}

	config.QPS = -1

	if c.Standalone {
		return c.runStandalone(ctx, config, log)
	}

	options, err := c.besideRancher(config)
	if err != nil {
		return err
	}

	if c.ExtensionListen == "" {
		return serveFleet(ctx, options)
	}

	program := readDriver(c.DriverDir, log)

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveFleet(ctx, options) })
	group.Go(func() error {
		return extension.Serve(ctx, c.ExtensionListen, withDriver(program, pages(c.ExtensionDir, log)))
	})
	group.Go(func() error { return announceDriver(ctx, program, config, log) })

	return group.Wait()
}

// pages are the extension's files and /healthz. An extension that is not there is told once: the list of all machines is
// worth serving without its page.
func pages(folder string, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("ok")) })

	if folder == "" {
		return mux
	}

	files, err := extension.Handler(os.DirFS(folder))
	if err != nil {
		log.Warn("The extension is not served", "--extension-dir", folder, "error", err)

		return mux
	}

	mux.Handle("/", files)

	return mux
}

// besideRancher reads what leads to Rancher.
func (c *serveCommand) besideRancher(config *rest.Config) (fleetOptions, error) {
	options := fleetOptions{HubConfig: config, RancherURL: strings.TrimSuffix(c.RancherURL, "/"), DataDir: c.DataDir, MetricsListen: c.MetricsListen}
	if options.RancherURL == "" || c.RancherTokenFile == "" {
		return options, errors.New("--rancher-url and --rancher-token-file are needed where --standalone is not given")
	}

	options.TokenFile = c.RancherTokenFile

	if c.RancherCAFile == "" {
		return options, nil
	}

	var err error

	options.CACert, err = os.ReadFile(c.RancherCAFile)
	if err != nil {
		return options, fmt.Errorf("--rancher-ca-file: %w", err)
	}

	return options, nil
}

// runStandalone is the hub and, as a client of it, the fleet.
func (c *serveCommand) runStandalone(ctx context.Context, config *rest.Config, log *slog.Logger) error {
	url := strings.TrimSuffix(c.ServerURL, "/")
	if url == "" {
		url = "https://" + c.Listen
	}

	program := readDriver(c.DriverDir, log)
	if program != nil {
		program.Hub = url
	}

	group, ctx := errgroup.WithContext(ctx)

	hub, err := standalone.Start(ctx, standalone.Options{
		Config: config, Listen: c.Listen, ServerURL: url, DataDir: filepath.Join(c.DataDir, "hub"),
		DashboardDir: c.DashboardDir, ExtensionDir: c.ExtensionDir, AgentImage: c.AgentImage, Public: publicDriver(program),
		TrustedProxies: c.TrustedProxies, BootstrapPassword: c.BootstrapPassword, Log: log, Announce: announce,
	})
	if err != nil {
		return err
	}

	log.Info("The hub serves", "url", url)
	group.Go(func() error { return announceDriver(ctx, program, config, log) })
	group.Go(hub.Wait)
	group.Go(func() error {
		return serveFleet(ctx, fleetOptions{
			HubConfig: config, RancherURL: url, Token: hub.SystemToken, CACert: hub.AuthorityPEM, DataDir: c.DataDir,
			MetricsListen: c.MetricsListen,
		})
	})

	return group.Wait()
}

// announce prints the first password where a person looks, and nowhere else: a
// log may be kept and sent on.
func announce(username, password string) {
	fmt.Printf("The first user is %s with the password %s\nIt is shown this once. Change it after the first login.\n", username, password)
}

// agentCommand are the flags of `croft-fleet agent`.
type agentCommand struct {
	// Kubeconfig leads to the site's API server; none means the pod's own account.
	Kubeconfig string `env:"KUBECONFIG" help:"Kubeconfig of the site with the token of service account cattle-system/cattle; none means the pod's own." type:"path"`
	// Server is the hub.
	Server string `env:"CATTLE_SERVER" help:"URL of the hub; none means the one in the credential."`
	// Checksum is that of the hub's authority.
	Checksum string `env:"CATTLE_CA_CHECKSUM" help:"SHA-256 of the hub's authority; none means that the system's authorities sign the hub."`
	// Credential is the Secret with url and token.
	Credential string `env:"CATTLE_CREDENTIAL_NAME" help:"Secret in cattle-system with the hub's url and the registration token."`
}

// Run keeps the tunnel open.
func (c *agentCommand) Run(ctx context.Context, log *slog.Logger) error {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return fmt.Errorf("--kubeconfig: %w", err)
	}

	options := agent.Options{Config: config, Server: c.Server, Checksum: c.Checksum, Credential: c.Credential, Log: log}
	if err := options.Validate(); err != nil {
		return err
	}

	return agent.Run(ctx, options)
}

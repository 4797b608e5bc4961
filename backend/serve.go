package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"crofthci.io/croft/backend/setting/loglevel"
	"crofthci.io/croft/backend/steve"
)

// serveCommand serves the site's API.
type serveCommand struct {
	Kubeconfig string `env:"KUBECONFIG" help:"Access to the cluster. In a pod, the pod's own." placeholder:"FILE" type:"path"`
	Listen     string `default:"127.0.0.1:8443" help:"Where the API is served over TLS." placeholder:"ADDRESS"`
	TLSCert    string `help:"Certificate of the API. Without one the server makes its own, once." name:"tls-cert" placeholder:"FILE" type:"path"`
	TLSKey     string `help:"Key of the certificate." name:"tls-key" placeholder:"FILE" type:"path"`
	DataDir    string `default:"." help:"Where the cache of the cluster's objects is kept; it is made anew at every start." placeholder:"DIR" type:"path"`
	Prometheus string `help:"URL of the site's Prometheus, which knows what KubeVirt counts. Empty: nobody is told what machines have used." placeholder:"URL"`
	Tunnels    bool   `default:"true" help:"Dial the Rancher that the aggregation secrets name." negatable:""`
}

// How long a stopping server waits for the requests under way, a client may take to say what it wants, and a connection
// may stand unused.
const (
	stopGrace     = 10 * time.Second
	headerTimeout = 30 * time.Second
	idleTimeout   = 2 * time.Minute
)

// Run serves until the context ends.
func (c serveCommand) Run(ctx context.Context) error {
	config, err := restConfig(c.Kubeconfig)
	if err != nil {
		return err
	}
	if err := enter(c.DataDir); err != nil {
		return err
	}
	authenticator, err := steve.ByToken(config)
	if err != nil {
		return err
	}
	steve.LogTo(slog.Default())
	// What the server watches and dials outlives the signal: requests under way need it.
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	server, err := steve.New(work, steve.Options{
		Config: config, Capabilities: capabilities, Authenticator: authenticator, Version: version, Prometheus: c.Prometheus, Log: slog.Default(),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen for the API (--listen): %w", err)
	}
	if err := server.Start(work); err != nil {
		return err
	}
	go followLogLevel(work, config)
	if c.Tunnels {
		if err := server.ServeTunnels(work, steve.Tunnels...); err != nil {
			return err
		}
	}
	certificate, err := certificateOf(work, c.TLSCert, c.TLSKey)
	if err != nil {
		return err
	}
	slog.Info("serving", "address", listener.Addr().String())
	return serveUntil(ctx, tls.NewListener(listener, &tls.Config{
		GetCertificate: certificate, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}), server)
}

// service is what answers, and knows of requests that come another way than through the listener.
type service interface {
	Handler() http.Handler
	Stopping()
	Drain(ctx context.Context)
}

// serveUntil answers until the context ends, and then lets the requests under way end.
func serveUntil(ctx context.Context, listener net.Listener, what service) error {
	server := &http.Server{Handler: what.Handler(), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the API: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		slog.Info("stopping")
		what.Stopping()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			return server.Close() // those that do not end, such as watches
		}
		what.Drain(ctx)
		return nil
	})
	return group.Wait()
}

// restConfig is the way to the cluster: a file's, or the pod's own.
func restConfig(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("find the cluster (--kubeconfig): %w", err)
	}
	config.UserAgent = "croft-backend/" + version
	return config, nil
}

// enter makes the data folder the working directory, because that is where Steve's cache is kept.
func enter(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find the data folder (--data-dir): %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder (--data-dir): %w", err)
	}
	if err := os.Chdir(dir); err != nil {
		return fmt.Errorf("enter the data folder (--data-dir): %w", err)
	}
	return nil
}

// followLogLevel logs as much as the setting log-level says. Without it, the flag counts.
func followLogLevel(ctx context.Context, config *rest.Config) {
	if err := loglevel.Follow(ctx, config, &logLevel); err != nil {
		slog.Error("cannot follow the log level", "error", err)
	}
}

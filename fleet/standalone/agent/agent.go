// Package agent is what runs in a site that joined a hub without Rancher, in the
// place of Rancher's cattle-cluster-agent: it dials the hub, opens the site's
// Kubernetes API to it through the tunnel, and leaves the Secret by which the
// site's backend finds the hub too. It serves nothing itself, and what the hub may
// do in the site is the site's RBAC's to say. Begin reading at Run.
package agent

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/rancher/remotedialer"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/registration"
)

const (
	// retry is how long the agent waits before it dials again.
	retry = 2 * time.Second
	// handshake bounds how long the hub may take to answer.
	handshake = 10 * time.Second
	// lookEvery is how often the agent looks whether its own token was renewed.
	lookEvery = 5 * time.Minute
)

// Options are what the agent is started with.
type Options struct {
	// Config leads to the site's API server with the agent's service account.
	Config *rest.Config
	// Server is the hub's URL (CATTLE_SERVER); none means the credential's.
	Server string
	// Checksum is the SHA-256 of the hub's authority (CATTLE_CA_CHECKSUM); none
	// means that the system's authorities sign the hub.
	Checksum string
	// Credential names the Secret in cattle-system with url and token
	// (CATTLE_CREDENTIAL_NAME).
	Credential string
	// Log is told what happens.
	Log *slog.Logger
}

// agent is Options with what follows from them.
type agent struct {
	Options
	client    client.Client
	connected atomic.Bool
}

// Run keeps the tunnel open until the context ends.
func Run(ctx context.Context, o Options) error {
	direct, err := client.New(o.Config, client.Options{})
	if err != nil {
		return fmt.Errorf("client of the site: %w", err)
	}

	a := &agent{Options: o, client: direct}

	for {
		if err := a.once(ctx); err != nil && ctx.Err() == nil {
			o.Log.Error("The hub cannot be reached", "error", err, "again", retry)
		}

		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retry):
		}
	}
}

// once dials and stays until the tunnel ends.
func (a *agent) once(ctx context.Context) error {
	hub, err := a.hub(ctx)
	if err != nil {
		return err
	}

	if err := a.publish(ctx, hub); err != nil {
		return err
	}

	cluster, err := a.params()
	if err != nil {
		return err
	}

	headers, err := tunnelHeaders(hub.token, cluster)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	go a.watchToken(ctx, cluster.Token, cancel)

	path := "/v3/connect/register"
	if a.connected.Load() {
		path = "/v3/connect"
	}

	dialer := &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshake, TLSClientConfig: hub.tls}

	err = remotedialer.ConnectToProxy(ctx, websocketURL(hub.url)+path, headers, allowOnly(cluster.Address), dialer,
		func(context.Context, *remotedialer.Session) error {
			a.connected.Store(true)
			a.Log.Info("The tunnel is open", "hub", hub.url)

			return nil
		})
	if err != nil {
		return fmt.Errorf("tunnel to %s: %w", hub.url, err)
	}

	return nil
}

// params are what the hub needs to speak to the site's API server.
func (a *agent) params() (*registration.ClusterParams, error) {
	endpoint, err := url.Parse(a.Config.Host)
	if err != nil {
		return nil, fmt.Errorf("address of the site's API server: %w", err)
	}

	if endpoint.Host == "" {
		endpoint.Host = a.Config.Host
	}

	if endpoint.Port() == "" {
		endpoint.Host += ":443"
	}

	token, err := ownToken(a.Config)
	if err != nil {
		return nil, err
	}

	authority, err := ownAuthority(a.Config)
	if err != nil {
		return nil, err
	}

	return &registration.ClusterParams{
		Address: endpoint.Host, Token: token, CACert: base64.StdEncoding.EncodeToString(authority),
	}, nil
}

// watchToken ends the tunnel when the service account's token was renewed, so
// that the next dial brings the new one before the old one ends.
func (a *agent) watchToken(ctx context.Context, sent string, end context.CancelFunc) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}

		if token, err := ownToken(a.Config); err == nil && token != sent {
			a.Log.Info("The service account's token was renewed, dialling again")
			end()

			return
		}
	}
}

func tunnelHeaders(token string, cluster *registration.ClusterParams) (http.Header, error) {
	content, err := json.Marshal(registration.Params{Cluster: cluster})
	if err != nil {
		return nil, fmt.Errorf("encode the tunnel's parameters: %w", err)
	}

	headers := http.Header{}
	headers.Set(registration.HeaderToken, token)
	headers.Set(registration.HeaderParams, base64.StdEncoding.EncodeToString(content))

	return headers, nil
}

// allowOnly lets the hub dial the API server and nothing else in the site's
// network. Rancher's agent allows every address.
func allowOnly(address string) remotedialer.ConnectAuthorizer {
	return func(proto, wanted string) bool { return proto == "tcp" && wanted == address }
}

func websocketURL(server string) string {
	return "ws" + strings.TrimPrefix(strings.TrimSuffix(server, "/"), "http")
}

// errNoToken is for a kubeconfig that has a certificate alone.
var errNoToken = errors.New("the agent's kubeconfig has no token: it must be that of a service account")

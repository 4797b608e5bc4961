// Package downstream is a connected cluster as the hub speaks to it: a REST
// configuration whose connections go through the cluster's tunnel and whose
// credential is the one that the agent brought. It serves the hub's own
// controllers and the proxy alike; who may ask for what is decided elsewhere.
// Begin reading at Clusters.
package downstream

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher/management"
)

// CredentialNamespace is where the tokens of the agents are kept.
const CredentialNamespace = "cattle-global-data"

// CredentialKey is the key of the token in its Secret.
const CredentialKey = "credential"

// ErrDisconnected means that the cluster's agent is not there.
var ErrDisconnected = errors.New("the cluster is not connected: its agent has no tunnel to this server")

// Key is the tunnel's key of a cluster's Kubernetes API.
func Key(cluster string) string { return cluster }

// SteveKey is the tunnel's key of a cluster's Steve API.
func SteveKey(cluster string) string { return "stv-cluster-" + cluster }

// Clusters finds the way into connected clusters.
type Clusters struct {
	// Reader reads clusters, perhaps from a cache.
	Reader client.Reader
	// Secrets reads the agents' tokens.
	Secrets client.Reader
	// Tunnel has the sessions.
	Tunnel *tunnel.Server

	mutex sync.Mutex
	known map[string]*way
	// forgotten counts what was dropped.
	forgotten int
}

// way is what was made for a cluster from one set of credentials.
type way struct {
	endpoint, caCert, credential string
	config                       *rest.Config
	client                       *http.Client
	transport                    http.RoundTripper
}

// Connected tells whether the agent of a cluster is there.
func (c *Clusters) Connected(cluster string) bool { return c.Tunnel.Connected(Key(cluster)) }

// Client is how the hub's own controllers speak to a cluster, as its agent. What
// one answer may hold is bounded: a cluster is not trusted with the hub's memory.
func (c *Clusters) Client(ctx context.Context, cluster string) (*rest.Config, *http.Client, error) {
	found, err := c.find(ctx, cluster)
	if err != nil {
		return nil, nil, err
	}

	return rest.CopyConfig(found.config), found.client, nil
}

// Transport is the endpoint of a cluster's API server and a transport to it that
// adds the agent's credential.
func (c *Clusters) Transport(ctx context.Context, cluster string) (string, http.RoundTripper, error) {
	found, err := c.find(ctx, cluster)
	if err != nil {
		return "", nil, err
	}

	return found.endpoint, found.transport, nil
}

// Forget drops what is remembered of a cluster, as its connections are gone.
func (c *Clusters) Forget(cluster string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()

	c.forgotten++

	if have := c.known[cluster]; have != nil {
		closeIdle(have.transport)
		have.client.CloseIdleConnections()
		delete(c.known, cluster)
	}
}

func (c *Clusters) find(ctx context.Context, cluster string) (*way, error) {
	if !c.Connected(cluster) {
		return nil, ErrDisconnected
	}

	return c.way(ctx, cluster)
}

func (c *Clusters) way(ctx context.Context, cluster string) (*way, error) {
	have := &management.Cluster{}
	if err := c.Reader.Get(ctx, client.ObjectKey{Name: cluster}, have); err != nil {
		return nil, fmt.Errorf("read cluster %s: %w", cluster, err)
	}

	// A cluster that brought its credential a moment ago may not be in the cache.
	if have.Status.APIEndpoint == "" || have.Status.ServiceAccountTokenSecret == "" {
		return nil, ErrDisconnected
	}

	c.mutex.Lock()
	known, forgotten := c.known[cluster], c.forgotten
	c.mutex.Unlock()

	if known != nil && known.endpoint == have.Status.APIEndpoint && known.caCert == have.Status.CACert &&
		known.credential == have.Status.ServiceAccountTokenSecret {
		return known, nil
	}

	made, err := c.make(ctx, cluster, have)
	if err != nil {
		return nil, err
	}

	c.mutex.Lock()
	defer c.mutex.Unlock()

	// What was dropped meanwhile may be what this was made from: the next makes it anew.
	if c.forgotten != forgotten {
		return made, nil
	}

	if c.known == nil {
		c.known = map[string]*way{}
	}

	c.known[cluster] = made

	return made, nil
}

func (c *Clusters) make(ctx context.Context, cluster string, have *management.Cluster) (*way, error) {
	secret := &corev1.Secret{}
	name := client.ObjectKey{Namespace: CredentialNamespace, Name: have.Status.ServiceAccountTokenSecret}

	if err := c.Secrets.Get(ctx, name, secret); err != nil {
		return nil, fmt.Errorf("read the credential of cluster %s: %w", cluster, err)
	}

	authority, err := base64.StdEncoding.DecodeString(have.Status.CACert)
	if err != nil {
		return nil, fmt.Errorf("the authority of cluster %s is not base64: %w", cluster, err)
	}

	config := &rest.Config{
		Host:            have.Status.APIEndpoint,
		BearerToken:     string(secret.Data[CredentialKey]),
		TLSClientConfig: rest.TLSClientConfig{CAData: authority},
		Dial:            c.dial(cluster),
		Timeout:         time.Minute,
		QPS:             -1,
	}

	roundTripper, err := proxyTransport(config)
	if err != nil {
		return nil, fmt.Errorf("transport to cluster %s: %w", cluster, err)
	}

	own, err := rest.HTTPClientFor(bounded(config))
	if err != nil {
		return nil, fmt.Errorf("client of cluster %s: %w", cluster, err)
	}

	return &way{
		client: own, endpoint: have.Status.APIEndpoint, caCert: have.Status.CACert, credential: have.Status.ServiceAccountTokenSecret,
		config: config, transport: roundTripper,
	}, nil
}

// proxyTransport speaks HTTP/1.1, because an upgrade to a websocket needs it, and
// has no overall timeout, because watches last.
func proxyTransport(config *rest.Config) (http.RoundTripper, error) {
	tlsConfig, err := rest.TLSConfigFor(config)
	if err != nil {
		return nil, err
	}

	base := &http.Transport{
		DialContext:         config.Dial,
		TLSClientConfig:     tlsConfig,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     90 * time.Second,
	}

	return transport.NewBearerAuthRoundTripper(config.BearerToken, base), nil
}

// dial goes through the tunnel; a dial into a tunnel that is gone fails at once.
func (c *Clusters) dial(cluster string) func(ctx context.Context, network, address string) (net.Conn, error) {
	dial := c.Tunnel.Dial(Key(cluster))

	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if !c.Connected(cluster) {
			return nil, ErrDisconnected
		}

		return dial(ctx, network, address)
	}
}

func closeIdle(roundTripper http.RoundTripper) {
	for {
		if closer, ok := roundTripper.(interface{ CloseIdleConnections() }); ok {
			closer.CloseIdleConnections()

			return
		}

		wrapper, ok := roundTripper.(interface{ WrappedRoundTripper() http.RoundTripper })
		if !ok {
			return
		}

		roundTripper = wrapper.WrappedRoundTripper()
	}
}

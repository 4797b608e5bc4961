package registration

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher/management"
)

// Headers by which an agent says who it is.
const (
	// HeaderToken is the registration token.
	HeaderToken = "X-API-Tunnel-Token"
	// HeaderParams is Params as JSON in base64.
	HeaderParams = "X-API-Tunnel-Params"
	// mostParams is how long the header may be: a bundle of authorities and a token
	// are kept for every cluster.
	mostParams = 128 << 10
	// stevePrefix makes a registration token the token of the site's backend.
	stevePrefix = "stv-cluster-"
)

// Params are what the agent of a cluster brings.
type Params struct {
	// Cluster is the cluster's API server and the agent's credential for it.
	Cluster *ClusterParams `json:"cluster,omitempty"`
}

// ClusterParams are how to reach a cluster's API server through its agent.
type ClusterParams struct {
	// Address is host and port as the agent dials them.
	Address string `json:"address"`
	// Token is the token of the agent's service account.
	Token string `json:"token"`
	// CACert is the base64 of the PEM bundle that signs the API server.
	CACert string `json:"caCert"`
}

// ParseParams reads the header, and checks it: what is in it becomes an address
// that this server speaks to, and a credential that it stores.
func ParseParams(header string) (*ClusterParams, error) {
	if len(header) > mostParams {
		return nil, fmt.Errorf("%s is longer than %d bytes", HeaderParams, mostParams)
	}

	content, err := base64.StdEncoding.DecodeString(header)
	if err != nil {
		return nil, fmt.Errorf("%s is not base64: %w", HeaderParams, err)
	}

	var params Params
	if err := json.Unmarshal(content, &params); err != nil {
		return nil, fmt.Errorf("%s is not JSON: %w", HeaderParams, err)
	}

	found := params.Cluster
	if found == nil {
		return nil, errors.New(HeaderParams + " has no cluster")
	}

	if found.Address == "" || strings.ContainsAny(found.Address, "/?#@ ") {
		return nil, fmt.Errorf("%s: cluster.address %q is not host:port", HeaderParams, found.Address)
	}

	if _, err := url.Parse("https://" + found.Address); err != nil {
		return nil, fmt.Errorf("%s: cluster.address: %w", HeaderParams, err)
	}

	if found.Token == "" {
		return nil, errors.New(HeaderParams + ": cluster.token is missing")
	}

	if _, err := base64.StdEncoding.DecodeString(found.CACert); err != nil {
		return nil, fmt.Errorf("%s: cluster.caCert is not base64: %w", HeaderParams, err)
	}

	return found, nil
}

// Connect authorizes the agents and the backends of clusters.
type Connect struct {
	// Known reads registration tokens from memory.
	Known client.Reader
	// Live reads and writes past any cache, so that a revoked token ends at once.
	Live client.Client
	// Forget is told that a cluster brought new credentials.
	Forget func(cluster string)
}

// Agent is a tunnel.Authorizer for the agents of clusters.
func (c *Connect) Agent(req *http.Request) (*tunnel.Caller, error) {
	token := req.Header.Get(HeaderToken)
	if token == "" {
		return nil, nil //nolint:nilnil // not an agent.
	}

	cluster, err := c.clusterOf(req.Context(), token)
	if cluster == "" || err != nil {
		return nil, err
	}

	return &tunnel.Caller{Key: downstream.Key(cluster), Arrived: func(ctx context.Context) error {
		params, err := ParseParams(req.Header.Get(HeaderParams))
		if err != nil {
			return err
		}

		return c.keep(ctx, cluster, params)
	}}, nil
}

// Steve is a tunnel.Authorizer for the backends of clusters.
func (c *Connect) Steve(req *http.Request) (*tunnel.Caller, error) {
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "+stevePrefix)
	if !ok || token == "" {
		return nil, nil //nolint:nilnil // not a backend.
	}

	cluster, err := c.clusterOf(req.Context(), token)
	if cluster == "" || err != nil {
		return nil, err
	}

	return &tunnel.Caller{Key: downstream.SteveKey(cluster)}, nil
}

// clusterOf finds the cluster of a registration token: in memory first, so that
// strangers cost little, and then past any cache, for what is new and for what was
// revoked.
func (c *Connect) clusterOf(ctx context.Context, word string) (string, error) {
	found, err := find(ctx, c.Known, word)
	if err == nil && found == nil && !tunnel.OnlyKnown(ctx) {
		found, err = find(ctx, c.Live, word)
	}

	if err != nil || found == nil {
		return "", err
	}

	now := &management.ClusterRegistrationToken{}

	err = c.Live.Get(ctx, client.ObjectKeyFromObject(found), now)
	if apierrors.IsNotFound(err) || err == nil && !speaksFor(now, word) {
		return "", nil
	}

	if err != nil {
		return "", fmt.Errorf("read the registration token of cluster %s: %w", found.Namespace, err)
	}

	cluster := &management.Cluster{}

	err = c.Live.Get(ctx, client.ObjectKey{Name: now.Spec.ClusterName}, cluster)
	if apierrors.IsNotFound(err) || (err == nil && cluster.DeletionTimestamp != nil) {
		return "", nil
	}

	if err != nil {
		return "", fmt.Errorf("read cluster %s: %w", now.Spec.ClusterName, err)
	}

	return cluster.Name, nil
}

// find looks through all registration tokens. They are compared as their lookup by
// hash would be: whole words, no early end.
func find(ctx context.Context, from client.Reader, word string) (*management.ClusterRegistrationToken, error) {
	var all management.ClusterRegistrationTokenList
	if err := from.List(ctx, &all); err != nil {
		return nil, fmt.Errorf("list registration tokens: %w", err)
	}

	var found *management.ClusterRegistrationToken

	for i := range all.Items {
		if speaksFor(&all.Items[i], word) {
			found = &all.Items[i]
		}
	}

	return found, nil
}

// speaksFor tells whether a word is that of a token. The namespace is the
// cluster's: a token elsewhere must not speak for it.
func speaksFor(token *management.ClusterRegistrationToken, word string) bool {
	return equal(token.Status.Token, word) && token.DeletionTimestamp == nil && token.Namespace == token.Spec.ClusterName
}

// keep stores what an agent brought: the token in a Secret, the rest in the status.
func (c *Connect) keep(ctx context.Context, cluster string, params *ClusterParams) error {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: downstream.CredentialNamespace, Name: credentialName(cluster)},
		Data:       map[string][]byte{downstream.CredentialKey: []byte(params.Token)},
	}

	err := c.Live.Create(ctx, secret)
	if apierrors.IsAlreadyExists(err) {
		err = c.Live.Update(ctx, secret)
	}

	if err != nil {
		return fmt.Errorf("keep the credential of cluster %s: %w", cluster, err)
	}

	have := &management.Cluster{}
	if err := c.Live.Get(ctx, client.ObjectKey{Name: cluster}, have); err != nil {
		return fmt.Errorf("read cluster %s: %w", cluster, err)
	}

	before := have.DeepCopy()
	have.Status.APIEndpoint = "https://" + params.Address
	have.Status.CACert = params.CACert
	have.Status.ServiceAccountTokenSecret = secret.Name

	if err := c.Live.Status().Patch(ctx, have, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("keep the address of cluster %s: %w", cluster, err)
	}

	before = have.DeepCopy()
	noteLife(have, params.Token)

	if !maps.Equal(before.Annotations, have.Annotations) {
		if err := c.Live.Patch(ctx, have, client.MergeFrom(before)); err != nil {
			return fmt.Errorf("note when the token of cluster %s ends: %w", cluster, err)
		}
	}

	c.Forget(cluster)

	return nil
}

func credentialName(cluster string) string { return "cluster-serviceaccounttoken-" + cluster }

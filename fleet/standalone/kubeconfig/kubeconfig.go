// Package kubeconfig writes the files with which kubectl comes through this
// server into clusters, each cluster with a token of the caller that is good for
// that cluster alone. /v3, /v1 and ext.cattle.io all bring requests here; it
// speaks no HTTP and keeps nothing but the tokens. Begin reading at Desk.
package kubeconfig

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/access"
	"crofthci.io/croft/fleet/standalone/proxy"
	"crofthci.io/croft/fleet/standalone/setting"
	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/pkg/rancher/management"
)

// every asks for all clusters that the caller may get.
const every = "*"

// Desk is where kubeconfigs are written.
type Desk struct {
	// Live reads clusters past any cache.
	Live client.Reader
	// Access asks who may get them.
	Access *access.Reviewer
	// Tokens makes the tokens.
	Tokens *token.Store
	// Settings say how long they live.
	Settings *setting.Reader
	// ServerURL is how everybody reaches this server.
	ServerURL string
	// AuthorityPEM is this server's authority.
	AuthorityPEM []byte
}

// Request says what kubeconfig is wanted.
type Request struct {
	// Clusters are the names of the clusters; "*" alone means all that one may get.
	Clusters []string
	// Current is the cluster to begin with; none means the first.
	Current string
	// Life is how long the tokens live; 0 means as long as usual, which is also the most.
	Life time.Duration
}

// Write writes a kubeconfig for a user. Refusals are Kubernetes' own errors.
func (d *Desk) Write(ctx context.Context, who user.Info, req Request) (string, error) {
	usual := d.Settings.KubeconfigLife(ctx)

	switch {
	case req.Life < 0 || usual > 0 && req.Life > usual:
		return "", apierrors.NewBadRequest(fmt.Sprintf("the ttl must be between 0 and %d seconds", int(usual.Seconds())))
	case req.Life == 0:
		req.Life = usual
	}

	clusters, err := d.clusters(ctx, who, req.Clusters)
	if err != nil {
		return "", err
	}

	config := clientcmdapi.NewConfig()

	for _, cluster := range clusters {
		name := entryName(config, cluster)

		presented, _, err := d.Tokens.Mint(ctx, token.Request{
			UserID: who.GetName(), Kind: "kubeconfig", Life: req.Life, Description: "Kubeconfig token", ClusterName: cluster.Name,
		})
		if err != nil {
			return "", err
		}

		config.Clusters[name] = &clientcmdapi.Cluster{Server: d.ServerURL + proxy.Prefix + cluster.Name, CertificateAuthorityData: d.AuthorityPEM}
		config.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: presented}
		config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}

		if config.CurrentContext == "" || cluster.Name == req.Current {
			config.CurrentContext = name
		}
	}

	content, err := clientcmd.Write(*config)
	if err != nil {
		return "", fmt.Errorf("write a kubeconfig: %w", err)
	}

	return string(content), nil
}

// clusters reads those that are asked for, before any token is made.
func (d *Desk) clusters(ctx context.Context, who user.Info, asked []string) ([]*management.Cluster, error) {
	all := slices.Equal(asked, []string{every})
	if all {
		var known management.ClusterList
		if err := d.Live.List(ctx, &known); err != nil {
			return nil, fmt.Errorf("list clusters: %w", err)
		}

		asked = nil
		for i := range known.Items {
			asked = append(asked, known.Items[i].Name)
		}
	}

	if len(asked) == 0 {
		return nil, apierrors.NewBadRequest("a kubeconfig needs a cluster at least")
	}

	var result []*management.Cluster

	for i, name := range asked {
		if slices.Contains(asked[:i], name) {
			return nil, apierrors.NewBadRequest("the cluster " + name + " is named twice")
		}

		allowed, err := d.Access.MayGetCluster(ctx, who, name)
		if err != nil {
			return nil, err
		}

		if !allowed && all {
			continue
		}

		if !allowed {
			return nil, apierrors.NewForbidden(management.GroupVersion.WithResource("clusters").GroupResource(), name, nil)
		}

		have := &management.Cluster{}
		if err := d.Live.Get(ctx, client.ObjectKey{Name: name}, have); err != nil {
			return nil, err
		}

		result = append(result, have)
	}

	return result, nil
}

// entryName is the name that people know a cluster by, unless another has it too.
func entryName(config *clientcmdapi.Config, cluster *management.Cluster) string {
	name := cluster.Spec.DisplayName
	if name == "" || config.Clusters[name] != nil {
		return cluster.Name
	}

	return name
}

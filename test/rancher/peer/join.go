package peer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"crofthci.io/croft/test/sandbox/deploy"
)

// workspace is the namespace in which Rancher keeps imported clusters.
const workspace = "fleet-default"

// join imports a site as a person would: make a cluster, take the manifest of its
// registration, apply it in the site. It returns the cluster's id.
func (h *hub) join(ctx context.Context, site *plane) (string, error) {
	const clusters = "/v1/provisioning.cattle.io.clusters"
	cluster := map[string]any{
		"type": "provisioning.cattle.io.cluster",
		"metadata": map[string]any{
			"namespace": workspace, "name": site.Name,
			"labels": map[string]string{"provider.cattle.io": "harvester"},
		},
		"spec": map[string]any{},
	}
	one := clusters + "/" + workspace + "/" + site.Name
	if err := until(ctx, "make the cluster "+site.Name+" in "+h.Name, func() error {
		if ask(h.admin, http.MethodGet, one, nil, nil) == nil {
			return nil // the answer to an earlier try was lost
		}
		return ask(h.admin, http.MethodPost, clusters, cluster, nil)
	}); err != nil {
		return "", err
	}
	var made struct {
		Status struct{ ClusterName string }
	}
	if err := until(ctx, "id of the cluster "+site.Name, func() error {
		err := ask(h.admin, http.MethodGet, one, nil, &made)
		if err == nil && made.Status.ClusterName == "" {
			err = errors.New("it has no status.clusterName yet")
		}
		return err
	}); err != nil {
		return "", err
	}
	id := made.Status.ClusterName
	text, err := h.registration(ctx, id)
	if err != nil {
		return "", err
	}
	manifest, err := deploy.Parse(text)
	if err != nil {
		return "", fmt.Errorf("registration of %s: %w", id, err)
	}
	return id, site.manifest(ctx, manifest, "cattle-system", h.agent(site))
}

// registration is the manifest that brings a site into the hub.
func (h *hub) registration(ctx context.Context, id string) (string, error) {
	var token struct{ ManifestURL string }
	if err := until(ctx, "registration token of "+id, func() error {
		err := ask(h.admin, http.MethodGet, "/v3/clusterregistrationtokens/"+id+":default-token", nil, &token)
		if err == nil && token.ManifestURL == "" {
			err = errors.New("it has no manifestUrl yet")
		}
		return err
	}); err != nil {
		return "", err
	}
	at, err := url.Parse(token.ManifestURL)
	if err != nil {
		return "", fmt.Errorf("manifestUrl: %w", err)
	}
	code, text, err := h.admin.As("").Try(http.MethodGet, at.Path, nil)
	if err != nil {
		return "", err
	}
	if code != http.StatusOK {
		return "", fmt.Errorf("GET %s: %d %s", at.Path, code, text)
	}
	return string(text), nil
}

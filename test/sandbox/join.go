package main

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

// registration is the part of Rancher's objects that joining reads.
type registration struct {
	Status struct {
		ClusterName string `json:"clusterName"`
	} `json:"status"`
	ManifestURL string `json:"manifestUrl"`
}

// join imports the site into the hub as a person would: make a cluster, take the
// manifest of its registration, apply it in the site.
func (s *sandbox) join(ctx context.Context, p plane, gate *gate) error {
	if !s.has("hub") {
		return nil
	}
	if err := await(ctx, gate.open); err != nil {
		return err
	}
	text, err := manifestOf(ctx, gate.hub, p.Name)
	if err != nil {
		return fmt.Errorf("%s: join the hub: %w", p.Name, err)
	}
	manifest, err := deploy.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: join the hub: %w", p.Name, err)
	}
	if err := s.deploy(ctx, p, "agent", manifest, "cattle-system"); err != nil {
		return fmt.Errorf("%s: join the hub: %w", p.Name, err)
	}
	p.say("joined the hub")
	return nil
}

// manifestOf makes the site's cluster in the hub, unless it exists, and returns
// the manifest of its registration.
func manifestOf(ctx context.Context, h *api, site string) (string, error) {
	const clusters = "/v1/provisioning.cattle.io.clusters"
	cluster := map[string]any{
		"type": "provisioning.cattle.io.cluster",
		"metadata": map[string]any{
			"namespace": workspace, "name": site,
			"labels": map[string]string{"provider.cattle.io": "harvester"},
		},
		"spec": map[string]any{},
	}
	var known registration
	if err := eventually(ctx, "make the cluster "+site, func(ctx context.Context) error {
		one := clusters + "/" + workspace + "/" + site
		err := h.do(ctx, http.MethodGet, one, nil, &known)
		if isStatus(err, http.StatusNotFound) {
			err = h.do(ctx, http.MethodPost, clusters, cluster, nil)
		}
		if err == nil && known.Status.ClusterName == "" {
			err = errors.New("it has no status.clusterName yet")
		}
		return err
	}); err != nil {
		return "", err
	}
	id := known.Status.ClusterName
	if err := eventually(ctx, "registration of "+id, func(ctx context.Context) error {
		err := h.do(ctx, http.MethodGet, "/v3/clusterRegistrationTokens/"+id+":default-token", nil, &known)
		if err == nil && known.ManifestURL == "" {
			err = errors.New("it has no manifestUrl yet")
		}
		return err
	}); err != nil {
		return "", err
	}
	at, err := url.Parse(known.ManifestURL)
	if err != nil {
		return "", fmt.Errorf("manifestUrl: %w", err)
	}
	text, err := h.raw(ctx, http.MethodGet, at.Path, nil)
	return string(text), err
}

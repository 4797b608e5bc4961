// Package release tells the dashboard which versions of Kubernetes a cluster can be made of. Rancher knows them from its
// metadata; a hub without Rancher makes no clusters itself, but its page writes them down for one that does, and does not
// open its form without a version. Begin reading at Handler.
package release

import (
	"net/http"
	"strings"

	"crofthci.io/croft/fleet/standalone/answer"
)

// Distributions are Rancher's two of Kubernetes.
var Distributions = []string{"rke2", "k3s"}

// versions are offered, the newest first, which is also what a new cluster gets.
var versions = []string{"v1.34.3", "v1.33.7"}

// Handler answers below /v1-<distribution>-release/: releases and channels.
func Handler(distribution string) http.Handler {
	full := func(version string) string { return version + "+" + distribution + "1" }
	if distribution == "rke2" {
		full = func(version string) string { return version + "+rke2r1" }
	}

	releases := make([]map[string]any, 0, len(versions))
	for _, version := range versions {
		releases = append(releases, map[string]any{
			"id": full(version), "type": "release", "version": full(version), "serverArgs": serverArgs(distribution),
			"agentArgs": agentArgs(), "charts": map[string]any{}, "featureVersions": map[string]any{},
		})
	}

	lists := map[string]any{
		"releases": collection("release", releases),
		"channels": collection("channel", []map[string]any{{"id": "default", "type": "channel", "name": "default", "latest": full(versions[0])}}),
	}

	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		list, known := lists[strings.TrimPrefix(req.URL.Path, "/v1-"+distribution+"-release/")]
		if !known {
			http.NotFound(rw, req)

			return
		}

		answer.JSON(rw, http.StatusOK, list)
	})
}

func collection(kind string, data []map[string]any) map[string]any {
	return map[string]any{"type": "collection", "resourceType": kind, "data": data}
}

// serverArgs are what the form lets people choose of a server.
func serverArgs(distribution string) map[string]any {
	if distribution != "rke2" {
		return map[string]any{}
	}

	return map[string]any{
		"cni":     map[string]any{"type": "array", "default": "calico", "options": []string{"calico", "canal", "cilium", "none"}},
		"disable": map[string]any{"type": "array", "options": []string{"rke2-coredns", "rke2-ingress-nginx", "rke2-metrics-server"}},
	}
}

// agentArgs are what the form lets people choose of every node. The cloud provider harvester is what the credential of a
// guest cluster is for.
func agentArgs() map[string]any {
	return map[string]any{"cloud-provider-name": map[string]any{"type": "enum", "nullable": true, "options": []string{"harvester"}}}
}

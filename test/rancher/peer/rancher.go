package peer

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/deploy"
	"crofthci.io/croft/test/sandbox/process"
)

// Rancher listens at an address that is not 127.x, because no EndpointSlice may
// name one of those; alone.sh gives it to the loopback interface.
const (
	rancherHost = "192.0.2.1"
	rancherURL  = "https://" + rancherHost + ":8443"
)

// beforeRancher are the objects that Rancher's own chart and Kubernetes would
// have made: where Rancher's extension of the Kubernetes API listens.
const beforeRancher = `
apiVersion: v1
kind: Namespace
metadata: {name: cattle-system}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: imperative-api-extension
  namespace: cattle-system
  labels: {kubernetes.io/service-name: imperative-api-extension}
addressType: IPv4
endpoints: [{addresses: ["` + rancherHost + `"], conditions: {ready: true}}]
ports: [{port: 6666, protocol: TCP}]
`

// features of Rancher that are left out: they install charts, which nothing here
// could fetch.
var features = strings.Join([]string{
	"turtles=false", "managed-system-upgrade-controller=false", "rancher-scc-registration-extension=false",
}, ",")

// agentFeatures are those of the agent that Rancher deploys in the place of the
// imported one as soon as it reaches the site. No kubelet here would replace it.
var agentFeatures = strings.Join([]string{
	"multi-cluster-management=false", "multi-cluster-management-agent=true", "fleet=false", "rke2=false",
	"provisioningv2=false", "turtles=false", "ui-sql-cache=true", "provisioningprebootstrap=false",
	"managed-system-upgrade-controller=false",
}, ",")

// startRancher runs the real Rancher.
func startRancher(ctx context.Context, p *plane) (*hub, error) {
	if err := p.kubernetes(ctx); err != nil {
		return nil, err
	}
	objects, err := deploy.Parse(beforeRancher)
	if err != nil {
		return nil, err
	}
	if err := p.deploy.Apply(ctx, objects, "cattle-system"); err != nil {
		return nil, err
	}
	spec, err := p.rancher()
	if err != nil {
		return nil, err
	}
	if err := p.supervisor.Start(ctx, spec); err != nil {
		return nil, err
	}
	h := &hub{plane: p, url: rancherURL}
	h.agent = h.clusterAgent
	return h, h.enter(ctx)
}

// rancher is Rancher's process.
func (p *plane) rancher() (process.Spec, error) {
	r, err := newRoom(p.root, filepath.Join(p.Dir, "room"))
	if err != nil {
		return process.Spec{}, err
	}
	kubeconfig, err := os.ReadFile(p.Kubeconfig())
	if err != nil {
		return process.Spec{}, err
	}
	// What it deploys to sites it deploys by kubectl.
	const kubectl = "#!/bin/sh\nexec /programs/kubernetes kubectl \"$@\"\n"
	files := map[string]string{
		"etc/hosts":              "127.0.0.1 localhost\n",
		"etc/rancher/kubeconfig": string(kubeconfig),
		"programs/kubectl":       kubectl,
		"var/lib/rancher-data/driver-metadata/data.json": `{}`,
	}
	if err := r.furnish(files, "rancher", "kubernetes"); err != nil {
		return process.Spec{}, err
	}
	spec := process.Spec{
		Name: p.Name + "/rancher",
		Args: []string{
			"--kubeconfig=/etc/rancher/kubeconfig", "--features=" + features,
			"--http-listen-port=8080", "--https-listen-port=8443", "--profile-listen-address=",
		},
		Env: []string{
			"CATTLE_DEV_MODE=yes", "CATTLE_SERVER_URL=" + rancherURL, "CATTLE_BOOTSTRAP_PASSWORD=" + adminPassword,
			"CATTLE_SYSTEM_CATALOG=bundled",
		},
		Log:   filepath.Join(p.Dir, "log", "rancher.log"),
		Stage: controlplane.StageAddOn,
		Ready: controlplane.Answers(rancherURL+"/ping", nil, ""),
	}
	r.enter(&spec, "rancher")
	return spec, nil
}

// clusterAgent places Rancher's own cluster agent: with the files of its pod, and
// with the hub's authority, which its image's entry point would fetch.
func (h *hub) clusterAgent(site *plane) placing {
	return placing{command: []string{"rancher-agent"}, process: func(spec *process.Spec) error {
		r, err := newRoom(site.root, filepath.Join(site.Dir, "room"))
		if err != nil {
			return err
		}
		const account = "var/run/secrets/kubernetes.io/serviceaccount/"
		token, err := os.ReadFile(filepath.Join(site.PKI.Dir, "cattle-system.cattle.token"))
		if err != nil {
			return err
		}
		files := map[string]string{
			"etc/hosts":                         "127.0.0.1 localhost\n",
			"etc/kubernetes/ssl/certs/serverca": h.caCert,
			account + "token":                   string(token),
			account + "ca.crt":                  string(site.PKI.CA),
		}
		credentials := filepath.Join(spec.Dir, "volumes", "cattle-credentials")
		for _, name := range []string{"url", "token"} {
			content, err := os.ReadFile(filepath.Join(credentials, name))
			if err != nil {
				return err
			}
			files["cattle-credentials/"+name] = string(content)
		}
		if err := r.furnish(files, "rancher-agent"); err != nil {
			return err
		}
		// A pod has no kubeconfig, but knows where the API server is.
		spec.Env = slices.DeleteFunc(spec.Env, func(v string) bool { return strings.HasPrefix(v, "KUBECONFIG=") })
		spec.Env = append(spec.Env, "SSL_CERT_DIR=/etc/kubernetes/ssl/certs", // its image's
			"CATTLE_FEATURES="+agentFeatures, "KUBERNETES_SERVICE_HOST=127.0.0.1",
			fmt.Sprintf("KUBERNETES_SERVICE_PORT=%d", site.Ports["kube-apiserver"]))
		r.enter(spec, "rancher-agent")
		return nil
	}}
}

// besideRancher runs croft-fleet as its chart starts it beside Rancher.
func (h *hub) besideRancher(ctx context.Context) error {
	var token struct{ Token string }
	if err := ask(h.admin, http.MethodPost, "/v3/tokens", map[string]any{"type": "token", "description": "croft-fleet"}, &token); err != nil {
		return fmt.Errorf("token of croft-fleet: %w", err)
	}
	built, err := builtPage(h.root)
	if err != nil {
		return err
	}
	secrets := []*unstructured.Unstructured{
		deploy.Secret(fleetNamespace, "croft-fleet-rancher", "Opaque", map[string][]byte{"token": []byte(token.Token)}),
		deploy.Secret(fleetNamespace, "croft-fleet-rancher-ca", "Opaque", map[string][]byte{"ca.crt": []byte(h.caCert)}),
	}
	return h.chart(ctx, "croft-fleet", fleetNamespace, map[string]any{
		"rancher":   map[string]any{"url": h.url, "tokenSecret": "croft-fleet-rancher", "caSecret": "croft-fleet-rancher-ca"},
		"extension": map[string]any{"dir": built, "listen": h.page()},
	}, secrets...)
}

// page is where croft-fleet serves the extension to Rancher.
func (h *hub) page() string { return controlplane.Address(h.Ports["extension"]) }

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/deploy"
	"crofthci.io/croft/test/site/longhorn"
)

// backendListeners are the ports of croft-backend in a site.
var backendListeners = []string{"backend", "backend-webhook", "backend-health", "backend-metrics", "backend-relay"}

// croftNamespace is where Croft's own objects are in a site, as Harvester's.
const croftNamespace = "harvester-system"

// backendTLS is the Secret with the certificate of croft-backend's API, signed by
// the site's own authority so that backend.json can name who signs it.
const backendTLS = "croft-backend-tls"

// prometheusPort is where the backend of a site looks for a Prometheus, on the site's first node. Who wants one puts it there.
const prometheusPort = 9090

// definitions puts Croft's own kinds into the site.
func (s *sandbox) definitions(ctx context.Context, p plane) error {
	return s.chart(ctx, p, "croft-crd", croftNamespace, nil)
}

// backend runs the chart croft-backend in this site.
func (s *sandbox) backend(ctx context.Context, p plane, index int) error {
	secret, err := p.tlsSecret(backendTLS, "croft-backend")
	if err != nil {
		return err
	}
	address := func(name string) string { return controlplane.Address(p.Ports[name]) }
	values := map[string]any{
		"serve": map[string]any{
			"listen": address("backend"), "tlsSecret": backendTLS,
			"prometheusURL": fmt.Sprintf("http://%s.0.1:%d", s.network(index), prometheusPort),
		},
		"manage": map[string]any{
			"webhookListen": address("backend-webhook"),
			"healthListen":  address("backend-health"),
			"metricsListen": address("backend-metrics"),
			"relayListen":   address("backend-relay"),
			"relayURL":      "http://" + address("backend-relay"),
			// The sandbox's own image server, and those of tests, are on loopback.
			"loopbackImages": true,
			// Longhorn's manager is played on the site's first node, as soon as the site has Longhorn's kinds.
			"longhornURL": fmt.Sprintf("http://%s.0.1:%d", s.network(index), longhorn.Port),
		},
		"service": map[string]any{"externalName": "localhost"},
		"webhook": map[string]any{"port": p.Ports["backend-webhook"]},
	}
	if err := s.chart(ctx, p, "croft-backend", croftNamespace, values, secret); err != nil {
		return err
	}
	return s.backendAccess(p)
}

// chart renders one of Croft's charts and deploys it, with more objects
// that it wants to find.
func (s *sandbox) chart(ctx context.Context, p plane, name, namespace string, values map[string]any, more ...*unstructured.Unstructured) error {
	release := deploy.Release{Chart: filepath.Join(s.Charts, name), Name: name, Namespace: namespace, Values: values}
	manifest, err := deploy.Chart(release, p.deploy.Config)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	manifest.Objects = slices.Concat([]*unstructured.Unstructured{deploy.Namespace(namespace)}, more, manifest.Objects)
	if err := s.deploy(ctx, p, name, manifest, namespace); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}

// tlsSecret is a Secret with a certificate of the cluster's own authority.
func (p plane) tlsSecret(name, server string) (*unstructured.Unstructured, error) {
	certFile, keyFile, err := p.PKI.Serving(server)
	if err != nil {
		return nil, err
	}
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	return deploy.Secret(croftNamespace, name, "kubernetes.io/tls", map[string][]byte{"tls.crt": cert, "tls.key": key}), nil
}

// deploy applies a manifest, unless this very one is in the cluster, and runs its
// Deployments as processes.
func (s *sandbox) deploy(ctx context.Context, p plane, what string, manifest deploy.Manifest, namespace string) error {
	version, err := fingerprint(nil, manifest.Objects)
	if err != nil {
		return err
	}
	if err := p.once(ctx, what, version, func(ctx context.Context) error {
		return p.deploy.Apply(ctx, manifest, namespace)
	}); err != nil {
		return err
	}
	var steps []func(context.Context) error
	for i := range manifest.Deployments {
		deployment := &manifest.Deployments[i]
		steps = append(steps, func(ctx context.Context) error {
			kubeconfig, err := s.rights(ctx, p, deploy.ServiceAccount(deployment))
			if err != nil {
				return err
			}
			data := filepath.Join(p.Dir, "data", deployment.Name)
			if err := os.MkdirAll(data, 0o755); err != nil {
				return err
			}
			return p.start(ctx)(p.deploy.Program(ctx, deployment, deploy.Place{
				Cluster: p.Name, Bin: s.Bin, Data: data, Kubeconfig: kubeconfig,
				Log: filepath.Join(p.Dir, "log", deployment.Name+".log"), Stage: controlplane.StageCroft,
			}))
		})
	}
	return all(ctx, steps...)
}

// rights writes a kubeconfig with a token of the service account and renews the
// token long before it ends; clients read its file again.
func (s *sandbox) rights(ctx context.Context, p plane, account metav1.ObjectMeta) (string, error) {
	base := filepath.Join(p.PKI.Dir, account.Namespace+"."+account.Name)
	if _, err := p.deploy.Token(ctx, account, base+".token"); err != nil {
		return "", err
	}
	go func() {
		ticker := time.NewTicker(deploy.Lifetime / 10)
		defer ticker.Stop()
		for {
			select {
			case <-s.ended:
				return
			case <-ticker.C:
			}
			// One failure of ten costs nothing: the next one comes in time.
			if _, err := p.deploy.Token(context.Background(), account, base+".token"); err != nil {
				p.say("%v", err)
			}
		}
	}()
	return base + ".kubeconfig", p.WriteKubeconfig(base+".kubeconfig", &clientcmdapi.AuthInfo{TokenFile: base + ".token"})
}

// backendAccess writes backend.json: how a test reaches the site's backend as
// the administrator.
func (s *sandbox) backendAccess(p plane) error {
	token, err := p.PKI.Token(controlplane.Admin)
	if err != nil {
		return err
	}
	return writeJSON(filepath.Join(p.Dir, "backend.json"), map[string]string{
		"url":    "https://" + controlplane.Address(p.Ports["backend"]),
		"caCert": string(p.PKI.CA),
		"token":  token,
	})
}

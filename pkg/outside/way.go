package outside

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpproxy"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Way is how the outside is reached.
type Way struct {
	// Proxy is through whom, nobody by default.
	Proxy harvesterv1.HTTPProxy
	// Authorities are certificates in PEM that are believed beside the system's.
	Authorities string
}

// Inside are the hosts and networks that never are outside, whatever noProxy says: they are Harvester's.
const Inside = "localhost,127.0.0.1,0.0.0.0,10.0.0.0/8,longhorn-system,cattle-system,cattle-system.svc,harvester-system,.svc,.cluster.local"

// Find reads the settings. One that is not there, or cannot be read, says nothing: it tells so itself.
func Find(ctx context.Context, from client.Reader) (Way, error) {
	proxy, err := setting(ctx, from, harvesterv1.SettingHTTPProxy)
	if err != nil {
		return Way{}, err
	}
	authorities, err := setting(ctx, from, harvesterv1.SettingAdditionalCA)
	if err != nil {
		return Way{}, err
	}
	way := Way{Authorities: authorities}
	if way.Proxy, err = harvesterv1.ParseHTTPProxy(proxy); err != nil {
		way.Proxy = harvesterv1.HTTPProxy{}
	}
	return way, nil
}

func setting(ctx context.Context, from client.Reader, name string) (string, error) {
	object := &harvesterv1.Setting{}
	if err := from.Get(ctx, client.ObjectKey{Name: name}, object); client.IgnoreNotFound(err) != nil {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	return object.Effective(), nil
}

// NoProxy is what noProxy says, and what is inside.
func (w Way) NoProxy() string {
	if w.Proxy.No == "" {
		return Inside
	}
	return w.Proxy.No + "," + Inside
}

// Between is the proxy that a request is sent through, nil for none. Where the setting names no proxy at all, that of the
// program's environment counts.
func (w Way) Between(request *http.Request) (*url.URL, error) {
	if w.Proxy.None() {
		return http.ProxyFromEnvironment(request)
	}
	config := httpproxy.Config{HTTPProxy: w.Proxy.HTTP, HTTPSProxy: w.Proxy.HTTPS, NoProxy: w.NoProxy()}
	return config.ProxyFunc()(request.URL)
}

// Through has a transport go this way.
func (w Way) Through(transport *http.Transport) {
	transport.Proxy = w.Between
	if w.Authorities == "" {
		return
	}
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // an image without certificates
	}
	roots.AppendCertsFromPEM([]byte(w.Authorities))
	transport.TLSClientConfig.RootCAs = roots
}

package importer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// blockClone is the content type of a volume that is sent to another one.
const blockClone = "blockdevice-clone"

// sendClone is CDI's clone source: it sends its volume to the upload server of
// another one, where the storage itself cannot clone. Upstream compresses what
// it sends; here both ends are of this package, and the way is short.
func sendClone(ctx context.Context, w *worker) (string, error) {
	source, err := w.disk(ctx)
	if err != nil {
		return "", err
	}
	gauge := &gauge{name: cloneProgress, owner: w.set("OWNER_UID")}
	stop, err := serveMetrics(w.address, gauge)
	if err != nil {
		return "", err
	}
	defer stop()
	httpClient, err := w.cloneClient(ctx)
	if err != nil {
		return "", err
	}
	file, err := os.Open(source.path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.set("UPLOAD_URL"), gauge.count(file, source.size))
	if err != nil {
		return "", err
	}
	request.Header.Set("x-cdi-content-type", blockClone)
	response, err := httpClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("error POSTing to %s: %w", request.URL, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err != nil {
		return "", err
	}
	if response.StatusCode/100 != 2 {
		return "", fmt.Errorf("unexpected status code %d: %s", response.StatusCode, answer)
	}
	return "Clone Complete", nil
}

// cloneClient is who the upload server expects.
func (w *worker) cloneClient(ctx context.Context) (*http.Client, error) {
	certificate, err := w.env(ctx, "CLIENT_CERT")
	if err != nil {
		return nil, err
	}
	key, err := w.env(ctx, "CLIENT_KEY")
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(w.set("SERVER_CA_CERT")))
	address, err := w.uploadServer(ctx)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS12},
		// There is no cluster DNS on loopback.
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, address)
		},
	}}, nil
}

// uploadServer finds the pod behind the service that the upload URL names.
func (w *worker) uploadServer(ctx context.Context) (string, error) {
	target, err := url.Parse(w.set("UPLOAD_URL"))
	if err != nil {
		return "", err
	}
	service, rest, _ := strings.Cut(target.Hostname(), ".")
	namespace, _, _ := strings.Cut(rest, ".")
	var pods corev1.PodList
	if err := w.site.Client.List(ctx, &pods, client.InNamespace(namespace), client.MatchingLabels{"service": service}); err != nil {
		return "", err
	}
	for _, pod := range pods.Items {
		if address, err := netip.ParseAddr(pod.Status.PodIP); err == nil {
			return netip.AddrPortFrom(address, port).String(), nil
		}
	}
	return "", errors.New("no upload server answers for " + target.Host)
}

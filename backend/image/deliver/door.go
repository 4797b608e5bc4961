package deliver

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
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
)

// door is where the bytes of an order are had.
type door struct {
	address string
	host    string
	trusts  []byte
	token   string
	path    string
}

// find finds the door of an order, or says what is being waited for.
func (o order) find(ctx context.Context) (d door, waits string, err error) {
	export := &kubevirt.Export{}
	if err := o.client.Get(ctx, o.key, export); err != nil {
		if apierrors.IsNotFound(err) {
			return door{}, "its export is being made", nil
		}
		return door{}, "", fmt.Errorf("look at the export: %w", err)
	}
	offer, waits := kubevirt.OfferOf(export)
	if waits != "" {
		return door{}, o.explain(ctx, waits), nil
	}
	d = door{host: offer.Service + "." + o.key.Namespace + ".svc", trusts: offer.Authorities, path: kubevirt.ExportPath(o.key.Name)}
	if d.address, err = o.pod(ctx, offer); err != nil {
		return door{}, "", err
	}
	secret := &corev1.Secret{}
	if err := o.client.Get(ctx, types.NamespacedName{Namespace: o.key.Namespace, Name: offer.Secret}, secret); err != nil {
		return door{}, "", fmt.Errorf("read the export's token: %w", err)
	}
	d.token = string(secret.Data[kubevirt.ExportTokenKey])
	if d.address == "" {
		return door{}, "the pod that serves it has no address yet", nil
	}
	return d, "", nil
}

// explain says why KubeVirt waits: its reason is most often that the copy is not complete, and CDI knows why.
func (o order) explain(ctx context.Context, waits string) string {
	volume := &cdi.DataVolume{}
	if err := o.client.Get(ctx, o.key, volume); err != nil {
		return waits
	}
	if state := cdi.StateOf(volume); !state.Done && state.Message != "" {
		return "the copy of its volume is not complete: " + state.Message
	}
	return waits
}

// pod is the address of the pod that serves an export. It is asked itself, and not by its service's name: whoever may write
// an export's status could name any address there, and have the server ask it.
func (o order) pod(ctx context.Context, offer kubevirt.Offer) (string, error) {
	pods := &corev1.PodList{}
	if err := o.client.List(ctx, pods, client.InNamespace(o.key.Namespace), client.MatchingLabels(offer.Pods)); err != nil {
		return "", fmt.Errorf("find the pod of the export: %w", err)
	}
	for i := range pods.Items {
		status := pods.Items[i].Status
		if at, err := netip.ParseAddr(status.PodIP); err == nil && status.Phase == corev1.PodRunning {
			return net.JoinHostPort(at.String(), strconv.Itoa(kubevirt.ExportPort)), nil
		}
	}
	return "", nil
}

// dialLimit is how long a pod may take to be reached, and headLimit to begin to answer.
const (
	dialLimit = 10 * time.Second
	headLimit = time.Minute
)

// open opens the door: the bytes, and how many they are.
func (d door) open(ctx context.Context) (io.ReadCloser, int64, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(d.trusts) {
		return nil, 0, errors.New("the authority of KubeVirt's exports is no certificate in PEM")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+d.host+d.path, http.NoBody)
	if err != nil {
		return nil, 0, fmt.Errorf("address the export: %w", err)
	}
	request.Header.Set(kubevirt.ExportTokenHeader, d.token)
	dialer := &net.Dialer{Timeout: dialLimit}
	with := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, d.address)
		},
		ResponseHeaderTimeout: headLimit, DisableCompression: true, DisableKeepAlives: true,
	}}
	response, err := with.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch from the export: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, 0, fmt.Errorf("the export's pod answers %q", response.Status)
	}
	return response.Body, response.ContentLength, nil
}

package credential

import (
	"context"
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

// Where the address of the site's Kubernetes API is kept. Everybody who has logged in may read both.
var (
	// vip is Harvester's: its key ip is the site's address. Croft's key server is the whole URL, and goes before it.
	vip = client.ObjectKey{Namespace: "harvester-system", Name: "vip"}
	// published is where Kubernetes itself says where its API servers are.
	published = client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: "kubernetes"}
)

// vipPort is where Kubernetes' API is at a Harvester's address.
const vipPort = 6443

// server is the URL of the site's Kubernetes API as its guests reach it.
func server(ctx context.Context, caller capability.Caller) (string, error) {
	told, slice := &corev1.ConfigMap{}, &discoveryv1.EndpointSlice{}
	if err := unlessHidden(caller.Client.Get(ctx, vip, told)); err != nil {
		return "", err
	}
	if err := unlessHidden(caller.Client.Get(ctx, published, slice)); err != nil {
		return "", err
	}
	return serverOf(told.Data, slice, caller.Config.Host), nil
}

// unlessHidden takes what a caller may not read for what is not there: the next best address will do.
func unlessHidden(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return nil
	}
	return err
}

// serverOf chooses the best of what is known: what a person has told, then where an API server itself says it is, then
// where this server finds it, which a guest reaches only from the cluster's own network.
func serverOf(told map[string]string, published *discoveryv1.EndpointSlice, own string) string {
	if told["server"] != "" {
		return told["server"]
	}
	if told["ip"] != "" {
		return url(told["ip"], vipPort)
	}
	for _, endpoint := range published.Endpoints {
		for _, port := range published.Ports {
			if len(endpoint.Addresses) > 0 && ptr.Deref(port.Port, 0) > 0 {
				return url(endpoint.Addresses[0], int(*port.Port))
			}
		}
	}
	return own
}

func url(host string, port int) string {
	return "https://" + net.JoinHostPort(host, strconv.Itoa(port))
}

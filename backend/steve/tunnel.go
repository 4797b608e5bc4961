package steve

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/rancher/steve/pkg/aggregation"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Tunnels are the secrets that say where to dial and with which token: the one that Rancher's agent writes for the
// whole cluster, and the one that a Rancher in the cluster writes for Harvester's API.
var Tunnels = []types.NamespacedName{
	{Namespace: "cattle-system", Name: "stv-aggregation"},
	{Namespace: "harvester-system", Name: "harvester-aggregation"},
}

// ServeTunnels dials what the secrets say, and serves TunnelHandler there, until the context ends.
func (s *Server) ServeTunnels(ctx context.Context, secrets ...types.NamespacedName) error {
	clients, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		return fmt.Errorf("reach the cluster for tunnels: %w", err)
	}
	for _, secret := range secrets {
		go s.follow(ctx, clients, secret)
	}
	return nil
}

// follow keeps the tunnel of one secret as the secret is. Steve's own watcher would read all secrets of the cluster,
// and would go on dialling after the secret is gone.
func (s *Server) follow(ctx context.Context, clients kubernetes.Interface, secret types.NamespacedName) {
	watch := cache.NewListWatchFromClient(clients.CoreV1().RESTClient(), "secrets", secret.Namespace,
		fields.OneTermEqualSelector("metadata.name", secret.Name))
	t := &tunnel{handler: s.TunnelHandler(), log: s.log.With("secret", secret.String())}
	_, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: watch,
		ObjectType:    &corev1.Secret{},
		ResyncPeriod:  10 * time.Minute,
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { t.set(ctx, object.(*corev1.Secret)) },
			UpdateFunc: func(_, object any) { t.set(ctx, object.(*corev1.Secret)) },
			DeleteFunc: func(any) { t.close() },
		},
	})
	informer.RunWithContext(ctx)
	t.close()
}

// tunnel is one connection to a Rancher. Its methods are called one at a time.
type tunnel struct {
	handler http.Handler
	log     *slog.Logger
	url     string
	token   string
	ca      []byte
	cancel  context.CancelFunc
}

// set dials what a secret says, unless that is what is dialled already.
func (t *tunnel) set(ctx context.Context, secret *corev1.Secret) {
	url, token, ca := string(secret.Data["url"]), string(secret.Data["token"]), secret.Data["ca.crt"]
	if t.cancel != nil && t.url == url && t.token == token && bytes.Equal(t.ca, ca) {
		return
	}
	t.close()
	if url == "" || token == "" {
		return
	}
	t.url, t.token, t.ca = url, token, ca
	ctx, t.cancel = context.WithCancel(ctx)
	t.log.Info("dialling", "url", url)
	go aggregation.ListenAndServe(ctx, url, ca, token, t.handler)
}

// close hangs up.
func (t *tunnel) close() {
	if t.cancel != nil {
		t.log.Info("hanging up", "url", t.url)
		t.cancel()
		t.cancel = nil
	}
}

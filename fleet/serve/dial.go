package serve

import (
	"context"
	"fmt"
	"net/http"

	"github.com/rancher/steve/pkg/aggregation"
	"github.com/rancher/wrangler/v3/pkg/generated/controllers/core"
	"k8s.io/client-go/rest"
)

// The secret into which Rancher writes, for the APIService croft, where to dial and with which token.
const (
	SecretNamespace = "croft-system"
	SecretName      = "croft-aggregation" //nolint:gosec // a name
)

// Dial serves a handler over the tunnel that the secret describes, and dials again whenever the secret changes or the
// tunnel breaks. It returns when it has begun to watch the secret.
//
// On this tunnel, and on no other way, Impersonate headers say who is asking: only Rancher is at its other end, and it
// takes off whatever a user sends of them.
func Dial(ctx context.Context, hub *rest.Config, handler http.Handler) error {
	factory, err := core.NewFactoryFromConfigWithNamespace(hub, SecretNamespace)
	if err != nil {
		return fmt.Errorf("watch secret %s/%s: %w", SecretNamespace, SecretName, err)
	}
	aggregation.Watch(ctx, factory.Core().V1().Secret(), SecretNamespace, SecretName, handler)
	if err := factory.Start(ctx, 1); err != nil {
		return fmt.Errorf("watch secret %s/%s: %w", SecretNamespace, SecretName, err)
	}
	return nil
}

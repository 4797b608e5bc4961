// Package norman is the hub's /v3: Rancher's older API, on norman's own server
// and types, as far as the dashboard, the import of clusters, Terraform and
// rancher-machine need it. Most types are one line in the list of kinds: which
// objects they show and under what names. Everything is done as the caller, so
// the API server's RBAC decides; passwords and tokens, which no caller may touch
// directly, have stores of their own. Begin reading at kinds.
package norman

import (
	"context"
	"fmt"
	"net/http"

	"github.com/rancher/norman/api"
	"github.com/rancher/norman/pkg/subscribe"
	"github.com/rancher/norman/types"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/kubeconfig"
	"crofthci.io/croft/fleet/standalone/password"
	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/fleet/standalone/setting"
	"crofthci.io/croft/fleet/standalone/token"
)

// version is that of Rancher's management API.
var version = types.APIVersion{Group: "management.cattle.io", Version: "v3", Path: "/v3"}

// Options say what the API works with.
type Options struct {
	// Config leads to the hub's API server with the right to act as others.
	Config *rest.Config
	// Live reads and writes past any cache, as the server itself.
	Live client.Client
	// Users keeps users and passwords.
	Users *account.Store
	// Tokens keeps tokens.
	Tokens *token.Store
	// Passwords changes passwords.
	Passwords *password.Desk
	// Kubeconfigs writes kubeconfigs.
	Kubeconfigs *kubeconfig.Desk
	// Settings say how long tokens live.
	Settings *setting.Reader
	// Report is told what went wrong inside.
	Report func(ctx context.Context, err error)
}

// New makes the handler of /v3.
func New(o Options) (http.Handler, error) {
	schemas := types.NewSchemas()

	for i := range kinds {
		schemas.AddSchema(kinds[i].schema(o))
	}

	schemas.AddSchema(tokenSchema(o))
	schemas.AddSchema(principalSchema(o))
	schemas.AddSchema(credentialSchema(o))
	schemas.AddSchema(credentialConfigSchema())

	for _, input := range inputs() {
		schemas.AddSchema(input)
	}

	subscribe.Register(&version, schemas)

	server := api.NewAPIServer()
	if err := server.AddSchemas(schemas); err != nil {
		return nil, fmt.Errorf("norman: %w", err)
	}

	return server, nil
}

// as is the hub's API as the caller.
func (o Options) as(who user.Info) (dynamic.Interface, error) {
	config := rest.CopyConfig(o.Config)
	config.Impersonate = rest.ImpersonationConfig{
		UserName: who.GetName(), UID: "", Groups: who.GetGroups(), Extra: who.GetExtra(),
	}

	caller, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("act as %s: %w", who.GetName(), err)
	}

	return caller, nil
}

func caller(apiContext *types.APIContext) user.Info {
	return session.UserFrom(apiContext.Request.Context())
}

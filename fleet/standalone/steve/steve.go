// Package steve is the Steve server of the hub: the hub's own objects at /v1 and
// its Kubernetes API at /api and /apis, for the user whom the session found, with
// his rights, and what Rancher does to some of them besides: preferences per user,
// users with their passwords, kubeconfigs, ext.cattle.io. Begin reading at New.
package steve

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/accesscontrol"
	"github.com/rancher/steve/pkg/auth"
	"github.com/rancher/steve/pkg/schema"
	"github.com/rancher/steve/pkg/server"
	"github.com/rancher/steve/pkg/sqlcache/informer/factory"
	"github.com/rancher/steve/pkg/stores/proxy"
	"github.com/rancher/wrangler/v3/pkg/schemas"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/ext"
	"crofthci.io/croft/fleet/standalone/kubeconfig"
	"crofthci.io/croft/fleet/standalone/password"
	"crofthci.io/croft/fleet/standalone/preference"
	"crofthci.io/croft/fleet/standalone/userstore"
	"crofthci.io/croft/pkg/rancher/management"
)

// Options are what the server works with.
type Options struct {
	// Live reads and writes past any cache, as the hub itself.
	Live client.Client
	// Users keeps users.
	Users *account.Store
	// Passwords changes passwords.
	Passwords *password.Desk
	// Kubeconfigs writes kubeconfigs.
	Kubeconfigs *kubeconfig.Desk
	// Version is the version that the server answers as.
	Version string
}

// New starts a Steve server for the cluster of a configuration.
func New(ctx context.Context, config *rest.Config, o Options) (http.Handler, error) {
	config = server.RestConfigDefaults(config)

	// Steve starts the controllers that it makes itself, before it could be told of
	// the templates.
	controllers, err := server.NewController(config, nil)
	if err != nil {
		return nil, fmt.Errorf("steve: %w", err)
	}

	access := accesscontrol.NewAccessStore(ctx, true, controllers.RBAC)

	steve, err := server.New(ctx, config, &server.Options{
		Controllers:     controllers,
		AccessSetLookup: access,
		AuthMiddleware:  auth.ExistingContext,
		ServerVersion:   o.Version,
		SQLCacheFactoryOptions: factory.CacheFactoryOptions{
			GCKeepCount: 1000,
			// The working directory need not be writable, and two hubs in one test must
			// not drop each other's database.
			UseTempDir: true,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("steve: %w", err)
	}

	if err := describe(steve.BaseSchemas, o); err != nil {
		return nil, fmt.Errorf("steve: %w", err)
	}

	if count := steve.BaseSchemas.LookupSchema("count"); count != nil {
		count.Store = proxy.NewWatchRefresh(counted{count.Store}, access)
	}

	steve.SchemaFactory.AddTemplate(append(templates(o), keepApart(rightsBy(access)))...)

	if err := controllers.Start(ctx); err != nil {
		return nil, fmt.Errorf("steve: %w", err)
	}

	return steve, nil
}

// describe adds the types that are no objects of the cluster.
func describe(known *types.APISchemas, o Options) error {
	preferences := known.LookupSchema("userpreference")
	if preferences == nil {
		return errors.New("it has no schema userpreference any more")
	}

	preferences.Store = &preference.Store{Client: o.Live}

	return ext.Add(known, o.Passwords, o.Kubeconfigs)
}

// templates are what Rancher does with objects beyond keeping them.
func templates(o Options) []schema.Template {
	generate := "generateKubeconfig"

	return []schema.Template{
		{
			Group: management.GroupVersion.Group, Kind: "User",
			StoreFactory: func(inner types.Store) types.Store { return userstore.Users(inner, o.Users) },
		},
		{
			Kind:         "Secret",
			StoreFactory: func(inner types.Store) types.Store { return userstore.Passwords(inner, o.Users) },
		},
		{
			Group: management.GroupVersion.Group, Kind: "Cluster",
			Customize: func(s *types.APISchema) {
				if s.ActionHandlers == nil {
					s.ActionHandlers = map[string]http.Handler{}
				}

				if s.ResourceActions == nil {
					s.ResourceActions = map[string]schemas.Action{}
				}

				s.ActionHandlers[generate] = ext.GenerateKubeconfig(o.Kubeconfigs)
				s.ResourceActions[generate] = schemas.Action{}
			},
			Formatter: func(request *types.APIRequest, resource *types.RawResource) { resource.AddAction(request, generate) },
		},
	}
}

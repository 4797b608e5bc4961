// Package steve is the Steve server of the hub: the hub's own objects at /v1 and
// its Kubernetes API at /api and /apis, for the user whom the session found, with
// his rights. What Steve keeps per process and Rancher keeps per user, the
// preferences, is put right here. Begin reading at New.
package steve

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/rancher/steve/pkg/auth"
	"github.com/rancher/steve/pkg/server"
	"github.com/rancher/steve/pkg/sqlcache/informer/factory"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/ext"
	"crofthci.io/croft/fleet/standalone/password"
	"crofthci.io/croft/fleet/standalone/preference"
)

// Options are what the server works with.
type Options struct {
	// Live reads and writes past any cache, as the hub itself.
	Live client.Client
	// Passwords changes passwords.
	Passwords *password.Desk
	// Version is the version that the server answers as.
	Version string
}

// New starts a Steve server for the cluster of a configuration.
func New(ctx context.Context, config *rest.Config, o Options) (http.Handler, error) {
	steve, err := server.New(ctx, server.RestConfigDefaults(config), &server.Options{
		AuthMiddleware: auth.ExistingContext,
		ServerVersion:  o.Version,
		SQLCacheFactoryOptions: factory.CacheFactoryOptions{
			GCKeepCount: 1000,
			// Two Steve servers live in this process, and each drops the database of
			// that name at its start.
			UseTempDir: true,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("steve: %w", err)
	}

	schema := steve.BaseSchemas.LookupSchema("userpreference")
	if schema == nil {
		return nil, errors.New("steve: it has no schema userpreference any more")
	}

	schema.Store = &preference.Store{Client: o.Live}

	if err := ext.Add(steve.BaseSchemas, o.Passwords); err != nil {
		return nil, fmt.Errorf("steve: %w", err)
	}

	return steve, nil
}

package steve

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	apiserver "github.com/rancher/apiserver/pkg/server"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/client"
	controllerschema "github.com/rancher/steve/pkg/controllers/schema"
	"github.com/rancher/steve/pkg/resources"
	"github.com/rancher/steve/pkg/resources/common"
	"github.com/rancher/steve/pkg/resources/schemas"
	"github.com/rancher/steve/pkg/schema"
	"github.com/rancher/steve/pkg/schema/definitions"
	"github.com/rancher/steve/pkg/server/handler"
	"github.com/rancher/steve/pkg/server/router"
	"github.com/rancher/steve/pkg/sqlcache/informer/factory"
	"github.com/rancher/steve/pkg/sqlcache/schematracker"
	metricsstore "github.com/rancher/steve/pkg/stores/metrics"
	"github.com/rancher/steve/pkg/stores/proxy"
	"github.com/rancher/steve/pkg/stores/sqlpartition"
	"github.com/rancher/steve/pkg/stores/sqlproxy"
	"github.com/rancher/steve/pkg/summarycache"
)

// parts are what the server uses of a Steve that has been put together.
type parts struct {
	base    *types.APISchemas
	kinds   *schema.Collection
	api     *apiserver.Server
	handler http.Handler
}

// eventsKept is how many events of a kind Steve keeps for those who come back to a list.
const eventsKept = 1000

// assemble puts Steve together from its parts. Steve's own server.New does the same and would be shorter, but it has its
// cluster cache built in; here the census stands in its place.
func (s *Server) assemble(ctx context.Context, version string) error {
	clients, err := client.NewFactory(s.config, true)
	if err != nil {
		return err
	}
	s.census = newCensus(ctx, clients.AdminDynamicClient(), s.access, s.log)
	base := types.EmptyAPISchemas()
	kinds := schema.NewCollection(ctx, base, s.access)
	if err := resources.DefaultSchemas(ctx, base, s.census, clients, kinds, version); err != nil {
		return err
	}
	s.guard(base)
	definitions.Register(ctx, base, s.controllers.K8s.Discovery(),
		s.controllers.CRD.CustomResourceDefinition(), s.controllers.API.APIService())
	if err := s.store(ctx, base, kinds, clients); err != nil {
		return err
	}
	schemas.SetupWatcher(ctx, base, s.access, kinds)
	nothing := http.NotFoundHandler() // every path is in the router
	api, handle, err := handler.New(s.config, kinds, requireCaller, nothing,
		func(h router.Handlers) http.Handler { return s.routes(h) }, nil)
	if err != nil {
		return err
	}
	api.ResponseWriters["json"] = answers()
	s.steve = parts{base: base, kinds: kinds, api: api, handler: handle}
	return nil
}

// store gives the kinds their lists, and has both caches follow the kinds of the cluster.
func (s *Server) store(
	ctx context.Context, base *types.APISchemas, kinds *schema.Collection, clients *client.Factory,
) error {
	lists, err := factory.NewCacheFactory(factory.CacheFactoryOptions{GCKeepCount: eventsKept})
	if err != nil {
		return fmt.Errorf("make the cache of lists: %w", err)
	}
	columns, err := common.NewDynamicColumns(s.config)
	if err != nil {
		return err
	}
	states := summarycache.New(kinds, s.census)
	states.Start(ctx)
	sql, err := sqlproxy.NewProxyStore(ctx, columns, clients, states, states, kinds, lists, false)
	if err != nil {
		return err
	}
	store := metricsstore.NewMetricsStore(proxy.NewErrorStore(proxy.NewUnformatterStore(
		proxy.NewWatchRefresh(fresh{sqlpartition.NewStore(apart{sql}, s.access)}, s.access))))
	kinds.AddTemplate(resources.DefaultSchemaTemplatesForStore(
		store, base, states, s.access, s.controllers.K8s.Discovery())...)
	tracker := schematracker.NewSchemaTracker(sql)
	controllerschema.Register(ctx, columns, s.controllers.K8s.Discovery(), s.controllers.CRD.CustomResourceDefinition(),
		s.controllers.API.APIService(), s.controllers.K8s.AuthorizationV1().SelfSubjectAccessReviews(),
		func(known *schema.Collection) error {
			return errors.Join(s.census.OnSchemas(known), tracker.OnSchemas(known))
		}, kinds)
	return nil
}

package steve

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/accesscontrol"
	"github.com/rancher/steve/pkg/attributes"
	"github.com/rancher/steve/pkg/clustercache"
	controllerschema "github.com/rancher/steve/pkg/controllers/schema"
	"github.com/rancher/steve/pkg/schema"
	"github.com/rancher/steve/pkg/watchlist"
	"github.com/rancher/wrangler/v3/pkg/summary/client"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// census knows every object of the cluster by name and state: Steve counts them for the pages, and tells from them the
// state of what a row refers to. It stands in for Steve's own cluster cache, which keeps everybody waiting while it
// reads a kind: a kind that cannot be read (a definition that is gone again, a conversion that nobody answers) would
// stop every list of every kind for a quarter of an hour. Here a kind that has not been read is merely empty.
//
// It holds of each object the name, the version, the state with its sentence and the relationships; no label, no
// annotation, no spec, no status.
type census struct {
	ctx    context.Context //nolint:containedctx // the life of what it watches
	client client.ExtendedInterface
	access accesscontrol.AccessSetLookup
	log    *slog.Logger

	mutex sync.RWMutex
	begun bool
	kinds map[runtimeschema.GroupVersionKind]*tally
	// resources are what rights call the kinds, those included that have gone.
	resources map[runtimeschema.GroupVersionKind]runtimeschema.GroupResource

	added, removed handlers[clustercache.Handler]
	changed        handlers[clustercache.ChangeHandler]
}

// firstCount is how long the server says that it is not ready because a kind has not been read. A kind that takes
// longer than this cannot be read, and must not stop the others.
const firstCount = 15 * time.Second

func newCensus(
	ctx context.Context, objects dynamic.Interface, access accesscontrol.AccessSetLookup, log *slog.Logger,
) *census {
	return &census{
		ctx: ctx, client: client.NewForExtendedDynamicClient(objects), access: access, log: log,
		kinds:     map[runtimeschema.GroupVersionKind]*tally{},
		resources: map[runtimeschema.GroupVersionKind]runtimeschema.GroupResource{},
	}
}

// OnSchemas begins to read the kinds that have come, and forgets those that have gone. It waits for nothing.
func (c *census) OnSchemas(schemas *schema.Collection) error {
	present := map[runtimeschema.GroupVersionKind]*types.APISchema{}
	for _, id := range schemas.IDs() {
		if s := schemas.Schema(id); s != nil && controllerschema.IsListWatchable(s) {
			present[attributes.GVK(s)] = s
		}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	due := time.Time{} // the server has been ready without it
	if !c.begun {
		c.begun, due = true, time.Now().Add(firstCount)
	}
	for kind, s := range present {
		if c.kinds[kind] == nil {
			c.kinds[kind] = c.count(kind, s, due)
			c.resources[kind] = attributes.GR(s)
		}
	}
	for kind, k := range c.kinds {
		if present[kind] == nil {
			c.log.Debug("a kind is gone", "kind", kind)
			k.stop()
			delete(c.kinds, kind)
		}
	}
	return nil
}

// missing is a kind that was there at the beginning and has not been read yet, "" when all have or their time is over.
func (c *census) missing() string {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	for kind, k := range c.kinds {
		if time.Now().Before(k.due) && !k.informer.HasSynced() {
			return kind.Kind
		}
	}
	return ""
}

// Get is one object, as far as it is known.
func (c *census) Get(kind runtimeschema.GroupVersionKind, namespace, name string) (any, bool, error) {
	k := c.of(kind)
	if k == nil {
		return nil, false, nil
	}
	if namespace != "" {
		name = namespace + "/" + name
	}
	return k.informer.GetStore().GetByKey(name)
}

// List are the objects of a kind, as far as they are known.
func (c *census) List(kind runtimeschema.GroupVersionKind) []any {
	if k := c.of(kind); k != nil {
		return k.informer.GetStore().List()
	}
	return nil
}

func (c *census) of(kind runtimeschema.GroupVersionKind) *tally {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	return c.kinds[kind]
}

// tell hands an event to those who want to know. What they answer is a matter of their own.
func (c *census) tell(to *handlers[clustercache.Handler], kind runtimeschema.GroupVersionKind, object runtime.Object) {
	for _, handle := range to.all() {
		if err := handle(kind, keyOf(object), object); err != nil {
			c.log.Warn("an object cannot be counted", "kind", kind.Kind, "key", keyOf(object), "error", err)
		}
	}
}

// clientOf reads a kind. An aggregated API may not know how to begin a watch with a list.
func (c *census) clientOf(s *types.APISchema) client.ExtendedInterface {
	if watchlist.Disabled(s) {
		return listFirst{c.client}
	}
	return c.client
}

// listFirst is a client whose informers list before they watch.
type listFirst struct{ client.ExtendedInterface }

// IsWatchListSemanticsUnSupported is asked by informers.
func (listFirst) IsWatchListSemanticsUnSupported() bool { return true }

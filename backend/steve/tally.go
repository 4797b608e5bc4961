package steve

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/attributes"
	"github.com/rancher/wrangler/v3/pkg/summary"
	"github.com/rancher/wrangler/v3/pkg/summary/client"
	"github.com/rancher/wrangler/v3/pkg/summary/informer"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
)

// tally is the census of one kind.
type tally struct {
	informer cache.SharedIndexInformer
	// due is until when the server waits for it before it says that it is ready.
	due  time.Time
	stop context.CancelFunc
}

// recount is how often an informer tells of everything again.
const recount = 2 * time.Hour

// count begins to read a kind. It is tried again and again until the kind is gone.
func (c *census) count(kind runtimeschema.GroupVersionKind, s *types.APISchema, due time.Time) *tally {
	ctx, stop := context.WithCancel(c.ctx)
	known := informer.NewFilteredSummaryInformerWithOptions(
		c.clientOf(s), attributes.GVR(s), &client.Options{Schema: s.Schema}, metav1.NamespaceAll, recount,
		cache.Indexers{}, nil).Informer()
	// Neither fails before the informer runs.
	_ = known.SetTransform(slim)
	_, _ = known.AddEventHandler(cache.ResourceEventHandlerDetailedFuncs{
		AddFunc:    func(object any, _ bool) { c.came(kind, object) },
		UpdateFunc: func(before, object any) { c.became(kind, before, object) },
		DeleteFunc: func(object any) { c.went(kind, object) },
	})
	go func() {
		known.RunWithContext(ctx)
		if c.ctx.Err() != nil {
			return
		}
		for _, object := range known.GetStore().List() {
			c.went(kind, object) // the kind is gone, and nobody tells of its objects one by one
		}
	}()
	return &tally{informer: known, due: due, stop: stop}
}

// slim drops what nobody asks the census for.
func slim(object any) (any, error) {
	if known, ok := object.(*summary.SummarizedObject); ok {
		known.Labels, known.Annotations = nil, nil
	}
	return object, nil
}

func (c *census) came(kind runtimeschema.GroupVersionKind, object any) {
	if known, ok := object.(runtime.Object); ok {
		c.tell(&c.added, kind, known)
	}
}

func (c *census) became(kind runtimeschema.GroupVersionKind, before, object any) {
	old, ok := before.(runtime.Object)
	known, okay := object.(runtime.Object)
	if !ok || !okay {
		return
	}
	for _, handle := range c.changed.all() {
		if err := handle(kind, keyOf(known), known, old); err != nil {
			c.log.Warn("a change cannot be counted", "kind", kind.Kind, "key", keyOf(known), "error", err)
		}
	}
}

func (c *census) went(kind runtimeschema.GroupVersionKind, object any) {
	if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = last.Obj // it went while nobody watched
	}
	if known, ok := object.(runtime.Object); ok {
		c.tell(&c.removed, kind, known)
	}
}

// keyOf is the namespace and the name of an object.
func keyOf(object runtime.Object) string {
	known, err := meta.Accessor(object)
	if err != nil {
		return ""
	}
	return cache.MetaObjectToName(known).String()
}

// handlers are those who want to know of something.
type handlers[H any] struct {
	mutex sync.RWMutex
	next  int
	known map[int]H
}

// add is one more, until the context ends.
func (h *handlers[H]) add(ctx context.Context, handler H) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.known == nil {
		h.known = map[int]H{}
	}
	at := h.next
	h.next++
	h.known[at] = handler
	context.AfterFunc(ctx, func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.known, at)
	})
}

// all are those of now.
func (h *handlers[H]) all() []H {
	h.mutex.RLock()
	defer h.mutex.RUnlock()
	return slices.Collect(maps.Values(h.known))
}

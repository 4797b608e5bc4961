package steve

import (
	"sync/atomic"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
)

// history is what has become of the objects of a kind that is watched.
type history struct {
	changes atomic.Uint64
	store   atomic.Pointer[toolscache.Store]
}

// follow counts what an informer tells of, from the first time on.
func (h *history) follow(informer cache.Informer) error {
	if h.store.Load() != nil {
		return nil
	}
	stored, ok := informer.(interface{ GetStore() toolscache.Store })
	if !ok {
		return nil // nothing is remembered of such a kind: see facts.version
	}
	count := func() { h.changes.Add(1) }
	_, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { count() }, UpdateFunc: func(_, _ any) { count() }, DeleteFunc: func(any) { count() },
	})
	if err != nil {
		return err
	}
	store := stored.GetStore()
	h.store.Store(&store)
	return nil
}

// unknown is the version of an object of a kind that nothing is remembered of. No object has it.
const unknown = "?"

// version is the version of an object as it is now, "" when there is none.
func (f *facts) version(kind schema.GroupVersionKind, key string) string {
	history := f.history[kind]
	if history == nil || history.store.Load() == nil {
		return unknown
	}
	object, exists, err := (*history.store.Load()).GetByKey(key)
	if err != nil || !exists {
		return ""
	}
	known, err := meta.Accessor(object)
	if err != nil {
		return unknown
	}
	return known.GetResourceVersion()
}

// changes is how often any object of a kind has changed. It is not ok for a kind that nothing is remembered of.
func (f *facts) changes(kind schema.GroupVersionKind) (times uint64, ok bool) {
	history := f.history[kind]
	if history == nil || history.store.Load() == nil {
		return 0, false
	}
	return history.changes.Load(), true
}

package steve

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"crofthci.io/croft/backend/capability"
)

// facts are the kinds that capabilities read for every row. They never keep a row waiting: a kind that has not been
// read yet is not known.
type facts struct {
	cache  cache.Cache
	scheme *runtime.Scheme
	kinds  []capability.Watched
	synced map[schema.GroupVersionKind]*atomic.Bool
	// absent are the kinds that the cluster does without.
	absent map[schema.GroupVersionKind]*atomic.Bool
	// history is how often any object of a kind has changed.
	history map[schema.GroupVersionKind]*history
}

// factsRetry is how long to wait for a kind that the cluster does not serve yet.
const factsRetry = time.Second

func newFacts(
	config *rest.Config, scheme *runtime.Scheme, mapper meta.RESTMapper, capabilities []capability.Capability,
) (*facts, error) {
	store, err := cache.New(config, cache.Options{
		Scheme: scheme, Mapper: mapper, DefaultTransform: cache.TransformStripManagedFields(),
	})
	if err != nil {
		return nil, fmt.Errorf("make a cache: %w", err)
	}
	f := &facts{
		cache: store, scheme: scheme,
		synced: map[schema.GroupVersionKind]*atomic.Bool{}, absent: map[schema.GroupVersionKind]*atomic.Bool{},
		history: map[schema.GroupVersionKind]*history{},
	}
	for _, c := range capabilities {
		if err := f.add(c); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// add has what a capability watches watched, together with what others ask of the same kinds.
func (f *facts) add(c capability.Capability) error {
	for _, watched := range c.Watched {
		kind, err := apiutil.GVKForObject(watched.Object, f.scheme)
		if err != nil {
			return fmt.Errorf("watch for %s: %w", c.Name, err)
		}
		at := slices.IndexFunc(f.kinds, func(known capability.Watched) bool {
			other, err := apiutil.GVKForObject(known.Object, f.scheme)
			return err == nil && other == kind
		})
		if at < 0 {
			f.synced[kind], f.absent[kind], f.history[kind] = &atomic.Bool{}, &atomic.Bool{}, &history{}
			watched.Index = maps.Clone(watched.Index)
			f.kinds = append(f.kinds, watched)
			continue
		}
		if f.kinds[at].Index == nil {
			f.kinds[at].Index = map[string]client.IndexerFunc{}
		}
		maps.Copy(f.kinds[at].Index, watched.Index)
		f.kinds[at].Optional = f.kinds[at].Optional && watched.Optional
	}
	return nil
}

// run watches until the context ends.
func (f *facts) run(ctx context.Context, log *slog.Logger) {
	for _, watched := range f.kinds {
		go f.follow(ctx, watched, log)
	}
	if err := f.cache.Start(ctx); err != nil {
		log.Error("the cache ended", "error", err)
	}
}

// follow begins to watch a kind as soon as the cluster serves it.
func (f *facts) follow(ctx context.Context, watched capability.Watched, log *slog.Logger) {
	kind, _ := apiutil.GVKForObject(watched.Object, f.scheme)
	indexed := map[string]bool{}
	_ = wait.PollUntilContextCancel(ctx, factsRetry, true, func(ctx context.Context) (bool, error) {
		if err := f.begin(ctx, watched, f.history[kind], indexed); err != nil {
			f.absent[kind].Store(watched.Optional && meta.IsNoMatchError(err))
			log.Debug("cannot watch yet", "kind", kind.Kind, "error", err)
			return false, nil
		}
		f.synced[kind].Store(true)
		return true, nil
	})
}

// begin returns when a kind has been read. indexed are the fields that an earlier attempt has indexed already, which
// cannot be done twice.
func (f *facts) begin(
	ctx context.Context, watched capability.Watched, history *history, indexed map[string]bool,
) error {
	informer, err := f.cache.GetInformer(ctx, watched.Object)
	if err != nil {
		return err
	}
	if err := history.follow(informer); err != nil {
		return err
	}
	for field, extract := range watched.Index {
		if indexed[field] {
			continue
		}
		if err := f.cache.IndexField(ctx, watched.Object, field, extract); err != nil {
			return err
		}
		indexed[field] = true
	}
	if !toolscache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return ctx.Err()
	}
	return nil
}

// missing is a kind that has not been read yet, "" when all have.
func (f *facts) missing() string {
	for kind, synced := range f.synced {
		if !synced.Load() && !f.absent[kind].Load() {
			return kind.Kind
		}
	}
	return ""
}

// Get reads one object.
func (f *facts) Get(ctx context.Context, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
	if err := f.known(into, ""); err != nil {
		return err
	}
	return f.cache.Get(ctx, key, into, options...)
}

// List reads many objects.
func (f *facts) List(ctx context.Context, into client.ObjectList, options ...client.ListOption) error {
	if err := f.known(into, "List"); err != nil {
		return err
	}
	return f.cache.List(ctx, into, options...)
}

// known refuses a kind that is not watched, or not yet, instead of waiting for it.
func (f *facts) known(of runtime.Object, suffix string) error {
	kind, err := apiutil.GVKForObject(of, f.scheme)
	if err != nil {
		return err
	}
	kind.Kind = kind.Kind[:len(kind.Kind)-len(suffix)]
	if synced := f.synced[kind]; synced == nil || !synced.Load() {
		return apierrors.NewServiceUnavailable(fmt.Sprintf("The server does not know the objects of kind %s yet. Try again in a moment.", kind.Kind))
	}
	return nil
}

package steve

import (
	"context"

	"github.com/rancher/steve/pkg/accesscontrol"
	"github.com/rancher/steve/pkg/clustercache"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/tools/cache"
)

// all stands in an access for every namespace, and for every name.
const all = accesscontrol.All

// sees says whether somebody may see an object: in a list, or by its name.
func sees(access *accesscontrol.AccessSet, kind runtimeschema.GroupResource, namespace, name string) bool {
	return access.Grants("list", kind, namespace, name) || access.Grants("get", kind, namespace, name)
}

// sighted says of which objects whoever is behind a context may hear. Steve's counts begin with what their caller may
// see, and then count every object of those kinds that comes or goes, in whichever namespace: who has rights in one was
// told what the others are called, and how much is in them. The server itself hears of everything.
func (c *census) sighted(ctx context.Context) func(kind runtimeschema.GroupVersionKind, key string) bool {
	caller, ok := request.UserFrom(ctx)
	if !ok {
		return func(runtimeschema.GroupVersionKind, string) bool { return true }
	}
	access := c.access.AccessFor(caller)
	return func(kind runtimeschema.GroupVersionKind, key string) bool {
		at, err := cache.ParseObjectName(key)
		return err == nil && sees(access, c.resourceOf(kind), at.Namespace, at.Name)
	}
}

// resourceOf is what rights call a kind that is counted, or was.
func (c *census) resourceOf(kind runtimeschema.GroupVersionKind) runtimeschema.GroupResource {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	return c.resources[kind]
}

// OnAdd tells of every object that comes and that the caller may see, until the context ends.
func (c *census) OnAdd(ctx context.Context, handler clustercache.Handler) {
	c.added.add(ctx, handlerOf(handler, c.sighted(ctx)))
}

// OnRemove tells of every object that goes and that the caller could see, until the context ends.
func (c *census) OnRemove(ctx context.Context, handler clustercache.Handler) {
	c.removed.add(ctx, handlerOf(handler, c.sighted(ctx)))
}

// OnChange tells of every object that changes and that the caller may see, until the context ends.
func (c *census) OnChange(ctx context.Context, handler clustercache.ChangeHandler) {
	may := c.sighted(ctx)
	c.changed.add(ctx, func(kind runtimeschema.GroupVersionKind, key string, object, before runtime.Object) error {
		if !may(kind, key) {
			return nil
		}
		return handler(kind, key, object, before)
	})
}

// handlerOf is a handler that hears only of what may be seen.
func handlerOf(
	handler clustercache.Handler, may func(kind runtimeschema.GroupVersionKind, key string) bool,
) clustercache.Handler {
	return func(kind runtimeschema.GroupVersionKind, key string, object runtime.Object) error {
		if !may(kind, key) {
			return nil
		}
		return handler(kind, key, object)
	}
}

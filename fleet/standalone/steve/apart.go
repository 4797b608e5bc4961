package steve

import (
	"context"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/accesscontrol"
	"github.com/rancher/steve/pkg/attributes"
	"github.com/rancher/steve/pkg/schema"
	"k8s.io/apimachinery/pkg/api/meta"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

// rights are those of the caller of a request.
type rights func(op *types.APIRequest) *accesscontrol.AccessSet

// rightsBy finds them: Steve has looked them up for the request already, unless it
// has copied the schemas since.
func rightsBy(lookup accesscontrol.AccessSetLookup) rights {
	return func(op *types.APIRequest) *accesscontrol.AccessSet {
		if set := accesscontrol.AccessSetFromAPIRequest(op); set != nil {
			return set
		}

		info, ok := op.GetUserInfo()
		if !ok {
			return &accesscontrol.AccessSet{}
		}

		return lookup.AccessFor(info)
	}
}

// sees tells whether somebody may see an object: in a list, or by its name.
func sees(access *accesscontrol.AccessSet, kind runtimeschema.GroupResource, namespace, name string) bool {
	return access.Grants("list", kind, namespace, name) || access.Grants("get", kind, namespace, name)
}

// keepApart is the template of all kinds, the last of all: it tells people nothing
// of what they may not see.
func keepApart(of rights) schema.Template {
	return schema.Template{Customize: func(s *types.APISchema) {
		if s.Store == nil || attributes.Kind(s) == "" {
			return
		}

		s.Store = apart{Store: s.Store, of: of}
		s.Formatter = related(of, s.Formatter)
	}}
}

// apart is a store with watches that keep namespaces apart. For who has rights in
// several Steve begins one watch for each, and all of these write their namespace
// into one request: mostly the last one would count for all, and somebody who may see
// one object of a namespace would be told of every other in it.
type apart struct {
	types.Store

	of rights
}

// Watch tells of what the caller may see.
func (s apart) Watch(op *types.APIRequest, kind *types.APISchema, asked types.WatchRequest) (chan types.APIEvent, error) {
	events, err := s.Store.Watch(op, kind, asked)
	if err != nil || events == nil {
		return events, err
	}

	access, resource := s.of(op), attributes.GR(kind)

	return sift(op.Context(), events, func(event types.APIEvent) (types.APIEvent, bool) {
		object, err := meta.Accessor(event.Object.Object)
		if err != nil {
			return event, event.Object.Object == nil // an error, or a mark that tells nothing of an object
		}

		return event, sees(access, resource, object.GetNamespace(), object.GetName())
	}), nil
}

// sift passes on what is to be told, until there is no more or nobody listens.
func sift(ctx context.Context, events chan types.APIEvent, tell func(types.APIEvent) (types.APIEvent, bool)) chan types.APIEvent {
	told := make(chan types.APIEvent)

	go func() {
		defer close(told)

		for event := range events {
			event, is := tell(event)
			if !is {
				continue
			}

			select {
			case told <- event:
			case <-ctx.Done(): // what comes still is read, so that its sender ends
			}
		}
	}()

	return told
}

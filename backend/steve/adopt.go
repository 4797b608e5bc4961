package steve

import (
	"net/http"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/attributes"
	"github.com/rancher/wrangler/v3/pkg/schemas"

	"crofthci.io/croft/backend/capability"
)

// adopt gives a kind of Steve's what its capability declares. Steve calls it last of all templates whenever the
// cluster's kinds change, so the schema already has Steve's store and formatter.
func (s *Server) adopt(schema *types.APISchema) {
	if schema.Store == nil {
		return
	}
	schema.Formatter = s.related(schema.Formatter)
	resource, ok := s.resourceOf(schema)
	if !ok {
		schema.Store = explained{schema.Store}
		return
	}
	schema.Store = explained{served{Store: schema.Store, server: s, resource: resource}}
	schema.Formatter = s.rows(resource, schema.Formatter)
	if schema.ActionHandlers == nil {
		schema.ActionHandlers = map[string]http.Handler{}
	}
	for _, action := range resource.Actions {
		schema.ActionHandlers[action.Name] = s.act(resource, action)
		schema.ResourceActions = with(schema.ResourceActions, action)
	}
	for _, action := range resource.Collective {
		schema.ActionHandlers[action.Name] = s.actOnAll(action)
		schema.CollectionActions = with(schema.CollectionActions, action)
	}
	if len(resource.Collective) > 0 {
		schema.CollectionFormatter = collection(schema.CollectionFormatter, resource.Collective)
	}
	for _, link := range resource.Links {
		if schema.LinkHandlers == nil {
			schema.LinkHandlers = map[string]http.Handler{}
		}
		schema.LinkHandlers[link.Name] = s.fetch(resource, link)
	}
}

// with are the actions of a schema and one more.
func with(actions map[string]schemas.Action, action capability.Action) map[string]schemas.Action {
	if actions == nil {
		actions = map[string]schemas.Action{}
	}
	actions[action.Name] = schemas.Action{Input: schemaName(action.Input()), Output: schemaName(action.Answer())}
	return actions
}

// collection offers the actions on a kind as a whole in its lists.
func collection(next types.CollectionFormatter, actions []capability.Action) types.CollectionFormatter {
	return func(op *types.APIRequest, list *types.GenericCollection) {
		if next != nil {
			next(op, list)
		}
		for _, action := range actions {
			list.AddAction(op, action.Name)
		}
	}
}

// resourceOf finds what a capability declares of a kind, whichever version Steve prefers.
func (s *Server) resourceOf(schema *types.APISchema) (capability.Resource, bool) {
	kind := attributes.GVK(schema).GroupKind()
	for _, resource := range s.resources {
		if resource.Kind.GroupKind() == kind {
			return resource, true
		}
	}
	return capability.Resource{}, false
}

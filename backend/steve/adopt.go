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
	resource, ok := s.resourceOf(schema)
	if !ok {
		schema.Store = explained{schema.Store}
		return
	}
	schema.Store = explained{served{Store: schema.Store, server: s, resource: resource}}
	schema.Formatter = s.rows(resource, schema.Formatter)
	for _, action := range resource.Actions {
		if schema.ActionHandlers == nil {
			schema.ActionHandlers = map[string]http.Handler{}
		}
		if schema.ResourceActions == nil {
			schema.ResourceActions = map[string]schemas.Action{}
		}
		schema.ActionHandlers[action.Name] = s.act(resource, action)
		schema.ResourceActions[action.Name] = schemas.Action{
			Input: schemaName(action.Input()), Output: schemaName(action.Answer()),
		}
	}
	for _, link := range resource.Links {
		if schema.LinkHandlers == nil {
			schema.LinkHandlers = map[string]http.Handler{}
		}
		schema.LinkHandlers[link.Name] = s.fetch(resource, link)
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

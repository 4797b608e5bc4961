package steve

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/sqlcache/informer"
	"github.com/rancher/steve/pkg/stores/queryhelper"
	"github.com/rancher/steve/pkg/stores/sqlproxy"

	"crofthci.io/croft/backend/capability"
)

// describe adds the inputs and answers of all actions to the schemas that clients read.
func (s *Server) describe(base *types.APISchemas) error {
	for _, resource := range s.resources {
		for _, action := range resource.Actions {
			for _, shape := range []any{action.Input(), action.Answer()} {
				if shape == nil {
					continue
				}
				if _, err := base.Import(shape); err != nil {
					return fmt.Errorf("describe the action %s of %s: %w", action.Name, resource.Kind.Kind, err)
				}
			}
		}
	}
	return nil
}

// schemaName is the name under which Import adds a struct.
func schemaName(shape any) string {
	if shape == nil {
		return ""
	}
	name := reflect.TypeOf(shape).Name()
	return strings.ToLower(name[:1]) + name[1:]
}

// index adds the fields that lists of the resources sort and filter by. Steve keeps them in a package variable, which
// is why they are added before the first server of the process watches anything, and never removed.
func index(resources []capability.Resource) {
	for _, resource := range resources {
		key := resource.Kind.Group + "_" + resource.Kind.Version + "_" + resource.Kind.Kind
		fields := sqlproxy.TypeSpecificIndexedFields[key]
		if fields == nil {
			fields = map[string]informer.IndexedField{}
			sqlproxy.TypeSpecificIndexedFields[key] = fields
		}
		for _, field := range resource.Indexed {
			fields[field] = &informer.JSONPathField{Path: queryhelper.SafeSplit(field)}
		}
	}
}

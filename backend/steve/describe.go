package steve

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
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

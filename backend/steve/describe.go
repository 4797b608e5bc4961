package steve

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/backend/capability"
)

// describe adds the inputs and answers of all actions to the schemas that clients read.
func (s *Server) describe(base *types.APISchemas) error {
	for _, resource := range s.resources {
		for _, action := range slices.Concat(resource.Actions, resource.Collective) {
			for _, shape := range []any{action.Input(), action.Answer()} {
				if shape == nil {
					continue
				}
				element, _ := capability.Element(shape)
				if _, err := base.Import(reflect.Zero(element).Interface()); err != nil {
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
	element, many := capability.Element(shape)
	name := strings.ToLower(element.Name()[:1]) + element.Name()[1:]
	if many {
		return "array[" + name + "]"
	}
	return name
}

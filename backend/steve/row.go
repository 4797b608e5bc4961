package steve

import (
	"fmt"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"crofthci.io/croft/backend/capability"
)

// rows formats an object: its state, the actions that the caller can do now as links, and a sentence for each other.
// Steve's own formatter runs in between, because it drops the fields that a client excludes.
func (s *Server) rows(resource capability.Resource, next types.Formatter) types.Formatter {
	return func(op *types.APIRequest, row *types.RawResource) {
		object, ok := row.APIObject.Object.(*unstructured.Unstructured)
		if !ok {
			next(op, row)
			return
		}
		view := s.viewOf(op)
		view.Once = s.once.make
		subject, err := read(resource, view, object)
		next(op, row)
		row.Actions = map[string]string{}
		if err == nil {
			err = unbroken(func() error {
				if _, ok, _ := unstructured.NestedMap(object.Object, "metadata", "state"); ok && resource.State != nil {
					_ = unstructured.SetNestedMap(object.Object, stateOf(resource.State(subject)), "metadata", "state")
				}
				s.offer(op, row, resource, subject, object)
				return nil
			})
		}
		if err != nil {
			row.Actions = map[string]string{}
			s.log.Warn("an object cannot be understood", "kind", resource.Kind.Kind,
				"namespace", object.GetNamespace(), "name", object.GetName(), "error", err)
		}
	}
}

// offer writes what the caller can do to an object, and why not the rest.
func (s *Server) offer(
	op *types.APIRequest, row *types.RawResource,
	resource capability.Resource, subject any, object *unstructured.Unstructured,
) {
	view := s.viewOf(op)
	unavailable := map[string]any{}
	namespace, name, _ := strings.Cut(row.ID, "/")
	if name == "" {
		namespace, name = "", namespace
	}
	for _, action := range resource.Actions {
		within, of := action.Permission.At(namespace, name)
		sentence := action.Unavailable(view.May(action.Permission, within, of), subject)
		if sentence == "" {
			row.AddAction(op, action.Name)
			continue
		}
		unavailable[action.Name] = sentence
	}
	if len(resource.Actions) > 0 {
		object.Object[unavailableField] = unavailable
	}
	for _, link := range resource.Links {
		if !view.May(link.Permission, namespace, name) {
			delete(row.Links, link.Name)
		}
	}
}

// unavailableField is where a row says why an action is missing: {action: sentence}.
const unavailableField = "unavailable"

// read makes the subject of an object.
func read(resource capability.Resource, view capability.View, object *unstructured.Unstructured) (subject any, err error) {
	if resource.Read == nil {
		return object, nil
	}
	err = unbroken(func() error {
		subject, err = resource.Read(view, object)
		return err
	})
	return subject, err
}

// unbroken lets a capability look at an object. Objects are written by all kinds of people and programs: a capability
// that trips over one must cost that row, and not the server.
func unbroken(look func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the capability broke: %v", broken)
		}
	}()
	return look()
}

// stateOf is a state as it stands in metadata.state: Steve's words are in lower case.
func stateOf(state capability.State) map[string]any {
	return map[string]any{
		"name": strings.ToLower(state.Name), "transitioning": state.Transitioning,
		"error": state.Error, "message": state.Message,
	}
}

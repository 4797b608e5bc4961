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
		namespace, name := object.GetNamespace(), object.GetName()
		said, err := s.court.judge(resource, view, object)
		next(op, row)
		row.Actions = map[string]string{}
		if err != nil {
			s.log.Warn("an object cannot be understood", "kind", resource.Kind.Kind,
				"namespace", namespace, "name", name, "error", err)
			return
		}
		if metadata, ok := object.Object["metadata"].(map[string]any); ok && metadata["state"] != nil && said.state != nil {
			metadata["state"] = said.state
		}
		offerTo(op, row, resource, view, said, object)
	}
}

// offerTo writes what the caller can do to an object, and why not the rest.
func offerTo(
	op *types.APIRequest, row *types.RawResource,
	resource capability.Resource, view capability.View, said *speech, object *unstructured.Unstructured,
) {
	namespace, name, _ := strings.Cut(row.ID, "/")
	if name == "" {
		namespace, name = "", namespace
	}
	if len(resource.Actions) > 0 {
		offer := said.to(rightsTo(resource.Actions, view, namespace, name), resource.Actions)
		row.Actions = make(map[string]string, len(offer.actions))
		self := op.URLBuilder.ResourceLink(row.Schema, row.ID)
		for _, action := range offer.actions {
			row.Actions[action.name] = self + action.query
		}
		object.Object[unavailableField] = offer.unavailable
	}
	for _, link := range resource.Links {
		if !view.May(link.Permission, namespace, name) {
			delete(row.Links, link.Name)
		}
	}
}

// rightsTo are the rights of a caller to the actions on an object.
func rightsTo(actions []capability.Action, view capability.View, namespace, name string) []byte {
	rights := make([]byte, len(actions))
	for i, action := range actions {
		within, of := action.Permission.At(namespace, name)
		if rights[i] = missing; view.May(action.Permission, within, of) {
			rights[i] = granted
		}
	}
	return rights
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

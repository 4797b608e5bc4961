package steve

import (
	"errors"
	"net/http"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/attributes"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

// explained is a store whose refusals name the field at fault.
type explained struct {
	types.Store
}

// ByID reads one object.
func (s explained) ByID(op *types.APIRequest, schema *types.APISchema, id string) (types.APIObject, error) {
	object, err := s.Store.ByID(op, schema, id)
	return object, explain(op, err)
}

// List reads the objects of a kind.
func (s explained) List(op *types.APIRequest, schema *types.APISchema) (types.APIObjectList, error) {
	if err := unlessAsked(op); err != nil {
		return types.APIObjectList{}, fault(err)
	}
	list, err := s.Store.List(op, schema)
	return list, explain(op, err)
}

// Create makes an object.
func (s explained) Create(op *types.APIRequest, schema *types.APISchema, data types.APIObject) (types.APIObject, error) {
	object, err := s.Store.Create(op, schema, restored(data))
	return object, explain(op, err)
}

// Update changes an object.
func (s explained) Update(
	op *types.APIRequest, schema *types.APISchema, data types.APIObject, id string,
) (types.APIObject, error) {
	if op.Method == http.MethodPut && data.Data().String("metadata", "resourceVersion") == "" {
		return types.APIObject{}, fault(capability.Refuse("metadata.resourceVersion",
			"The object is to be replaced, but it does not say which version of it: metadata.resourceVersion is missing."))
	}
	object, err := s.Store.Update(op, schema, data, id)
	return object, explain(op, err)
}

// Delete removes an object.
func (s explained) Delete(op *types.APIRequest, schema *types.APISchema, id string) (types.APIObject, error) {
	object, err := s.Store.Delete(op, schema, id)
	return object, explain(op, err)
}

// restored is what a client sends with the fields that a row shows under another name, as the type of a secret. Steve
// does this for changes, and forgets it for what is new.
func restored(data types.APIObject) types.APIObject {
	object, ok := data.Object.(map[string]any)
	if !ok {
		return data
	}
	for field := range types.ReservedFields {
		if own, ok := object["_"+field]; ok {
			object[field] = own
			delete(object, "_"+field)
		}
	}
	return data
}

// explain puts what the API server said in full in place of what Steve kept of it.
func explain(op *types.APIRequest, err error) error {
	var kept *apierror.APIError
	if !errors.As(err, &kept) {
		return err
	}
	n := notesOf(op.Context())
	if n == nil || n.status == nil || int(n.status.Code) != kept.Code.Status || n.status.Message != kept.Message {
		return err
	}
	return faultOf(*n.status)
}

// served is the store of a kind that a capability serves.
type served struct {
	types.Store
	server   *Server
	resource capability.Resource
}

// Create makes an object.
func (s served) Create(op *types.APIRequest, schema *types.APISchema, data types.APIObject) (types.APIObject, error) {
	return s.Store.Create(op, schema, bare(data))
}

// Update changes an object.
func (s served) Update(
	op *types.APIRequest, schema *types.APISchema, data types.APIObject, id string,
) (types.APIObject, error) {
	return s.Store.Update(op, schema, bare(data), id)
}

// bare is what a client sends without what rows have beside the object: clients send back what they were shown, and make
// new objects of it.
func bare(data types.APIObject) types.APIObject {
	object, ok := data.Object.(map[string]any)
	if !ok {
		return data
	}
	for _, field := range []string{unavailableField, "resourcePermissions", "_id"} {
		delete(object, field)
	}
	for field := range types.ReservedFields {
		delete(object, field)
	}
	calm(object)
	if metadata, ok := object["metadata"].(map[string]any); ok {
		for _, field := range []string{"fields", "relationships", "state"} {
			delete(metadata, field)
		}
	}
	return data
}

// calm takes from the conditions of an object what Steve writes into them. A time is the cluster's own when it differs
// from the one that Steve copies.
func calm(object map[string]any) {
	conditions, _, _ := unstructured.NestedFieldNoCopy(object, "status", "conditions")
	list, _ := conditions.([]any)
	for _, item := range list {
		condition, ok := item.(map[string]any)
		if !ok {
			continue
		}
		delete(condition, "error")
		delete(condition, "transitioning")
		if update := condition["lastUpdateTime"]; update == condition["lastTransitionTime"] || update == "" {
			delete(condition, "lastUpdateTime")
		}
	}
}

// Delete removes an object, with what the capability does before and after.
func (s served) Delete(op *types.APIRequest, schema *types.APISchema, id string) (types.APIObject, error) {
	if s.resource.Delete == nil {
		return s.Store.Delete(op, schema, id)
	}
	var rest types.APIObject
	var answer error
	err := s.around(op, schema, func() error {
		rest, answer = s.Store.Delete(op, schema, id)
		if code, ok := errors.AsType[validation.ErrorCode](answer); ok && code.Status < http.StatusBadRequest {
			return nil // nothing is left to show
		}
		return explain(op, answer)
	})
	if err != nil {
		return types.APIObject{}, fault(err)
	}
	return rest, answer
}

// around does a deletion as the capability wants it. Who may not delete is refused first: nothing is changed for him.
func (s served) around(op *types.APIRequest, schema *types.APISchema, deletion capability.Deletion) error {
	caller, err := s.server.callerOf(op)
	if err != nil {
		return err
	}
	may := capability.Permission{Verb: "delete", Group: attributes.Group(schema), Resource: attributes.Resource(schema)}
	if err := permitted(op.Context(), caller, may, op); err != nil {
		return err
	}
	subject, err := s.server.subject(op, s.resource, caller)
	if err != nil {
		return err
	}
	return s.resource.Delete(op.Context(), caller, subject, capability.Options(op.Query), deletion)
}

// objectKey names the object of a request.
func objectKey(op *types.APIRequest) client.ObjectKey {
	return client.ObjectKey{Namespace: op.Namespace, Name: op.Name}
}

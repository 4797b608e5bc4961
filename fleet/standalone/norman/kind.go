package norman

import (
	"net/http"
	"strings"

	"github.com/rancher/norman/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// field is one field of a type and where it is in the object.
type field struct {
	// api is the name in /v3.
	api string
	// path is the place in the object, with dots; empty for one that is computed.
	path string
	// kind is norman's type, string where it is empty.
	kind string
	// rule says who may write it.
	rule rule
}

type rule int

const (
	writable rule = iota
	// createOnly can be written once.
	createOnly
	// required must be written once.
	required
	// readOnly is the server's.
	readOnly
	// writeOnly never comes back.
	writeOnly
)

// kind is a type of /v3 that shows objects of one kind.
type kind struct {
	// id and plural are the type's names.
	id, plural string
	// resource is where the objects are.
	resource schema.GroupVersionResource
	// object is the objects' kind.
	object string
	// prefix begins the names of new objects; none means that the name is given.
	prefix string
	// namespace is the field by which the namespace of a new object is found; none
	// means that the objects have no namespace.
	namespace string
	// fields are the type's own, beside those that all types have.
	fields []field
	// actions are the type's actions and what they take.
	actions map[string]types.Action
	// collectionActions are those of the whole collection.
	collectionActions map[string]types.Action
	// methods are those of one object; none means all.
	methods []string
	// extend changes the schema in ways that a line cannot say.
	extend func(o Options, k *kind, s *types.Schema)
	// compute adds fields that are not in the object as they are.
	compute func(object *unstructured.Unstructured, data map[string]any)
}

// common are the fields of every type.
var common = []field{
	{api: "name", path: "metadata.name", rule: createOnly},
	{api: "created", path: "metadata.creationTimestamp", kind: "date", rule: readOnly},
	{api: "creatorId", rule: readOnly},
	{api: "uuid", path: "metadata.uid", rule: readOnly},
	{api: "labels", path: "metadata.labels", kind: "map[string]"},
	{api: "annotations", path: "metadata.annotations", kind: "map[string]"},
	{api: "state", rule: readOnly},
	{api: "transitioning", rule: readOnly},
	{api: "transitioningMessage", rule: readOnly},
}

// schema is the type as norman knows it.
func (k *kind) schema(o Options) types.Schema {
	methods := k.methods
	if methods == nil {
		methods = []string{http.MethodGet, http.MethodPut, http.MethodDelete}
	}

	collection := []string{http.MethodGet}
	if k.prefix != "" || k.namespace != "" || k.methods == nil {
		collection = append(collection, http.MethodPost)
	}

	made := types.Schema{
		ID: k.id, PluralName: k.plural, Version: version, CodeName: strings.ToUpper(k.id[:1]) + k.id[1:],
		ResourceMethods: methods, CollectionMethods: collection,
		ResourceActions: k.actions, CollectionActions: k.collectionActions,
		ResourceFields: map[string]types.Field{},
		Store:          &store{options: o, kind: k},
	}

	for _, f := range k.all() {
		made.ResourceFields[f.api] = f.norman()
	}

	if k.namespace != "" {
		made.ResourceFields["namespaceId"] = field{api: "namespaceId", rule: readOnly}.norman()
	}

	if k.extend != nil {
		k.extend(o, k, &made)
	}

	return made
}

// all are the kind's fields, its own before the common ones of the same name.
func (k *kind) all() []field {
	result := append([]field{}, k.fields...)

	for _, f := range common {
		if k.find(f.api) == nil {
			result = append(result, f)
		}
	}

	return result
}

func (k *kind) find(api string) *field {
	for i := range k.fields {
		if k.fields[i].api == api {
			return &k.fields[i]
		}
	}

	return nil
}

func (f field) norman() types.Field {
	kind := f.kind
	if kind == "" {
		kind = "string"
	}

	return types.Field{
		Type: kind, Nullable: f.rule != required,
		Create: f.rule != readOnly, Update: f.rule == writable,
		Required: f.rule == required, WriteOnly: f.rule == writeOnly,
	}
}

// show makes of an object what the API shows.
func (k *kind) show(object *unstructured.Unstructured) map[string]any {
	data := map[string]any{"id": idOf(object), "type": k.id, "baseType": k.id, "state": "active", "transitioning": "no"}

	for _, f := range k.all() {
		if f.path == "" || f.rule == writeOnly {
			continue
		}

		if value, ok, err := unstructured.NestedFieldCopy(object.Object, strings.Split(f.path, ".")...); ok && err == nil && value != nil {
			data[f.api] = value
		}
	}

	if creator := object.GetAnnotations()["field.cattle.io/creatorId"]; creator != "" {
		data["creatorId"] = creator
	}

	if object.GetDeletionTimestamp() != nil {
		data["state"], data["transitioning"] = "removing", "yes"
	}

	if k.namespace != "" {
		data["namespaceId"] = object.GetNamespace()
	}

	if k.compute != nil {
		k.compute(object, data)
	}

	return data
}

// take writes what the API was given into an object.
func (k *kind) take(data map[string]any, object *unstructured.Unstructured, update bool) error {
	for _, f := range k.all() {
		value, given := data[f.api]
		if !given || f.path == "" || f.rule == readOnly || f.rule == writeOnly || (update && f.rule != writable) {
			continue
		}

		if f.path == "metadata.name" {
			continue // The name follows from the prefix, or is taken by the store.
		}

		if err := set(object, f.path, value); err != nil {
			return err
		}
	}

	return nil
}

func set(object *unstructured.Unstructured, path string, value any) error {
	parts := strings.Split(path, ".")
	if value == nil {
		unstructured.RemoveNestedField(object.Object, parts...)

		return nil
	}

	return unstructured.SetNestedField(object.Object, plain(value), parts...)
}

// plain makes of norman's values what an object may hold.
func plain(value any) any {
	switch have := value.(type) {
	case map[string]string:
		result := map[string]any{}
		for key, one := range have {
			result[key] = one
		}

		return result
	case map[string]any:
		result := map[string]any{}
		for key, one := range have {
			result[key] = plain(one)
		}

		return result
	case []any:
		result := make([]any, 0, len(have))
		for _, one := range have {
			result = append(result, plain(one))
		}

		return result
	case []string:
		result := make([]any, 0, len(have))
		for _, one := range have {
			result = append(result, one)
		}

		return result
	case int:
		return int64(have)
	default:
		return value
	}
}

// idOf is namespace:name, or the name alone.
func idOf(object *unstructured.Unstructured) string {
	if object.GetNamespace() == "" {
		return object.GetName()
	}

	return object.GetNamespace() + ":" + object.GetName()
}

// splitID cuts namespace:name.
func splitID(id string) (namespace, name string) {
	namespace, name, found := strings.Cut(id, ":")
	if !found {
		return "", namespace
	}

	return namespace, name
}

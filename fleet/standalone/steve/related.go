package steve

import (
	"slices"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/accesscontrol"
	"github.com/rancher/steve/pkg/attributes"
	"github.com/rancher/steve/pkg/summarycache"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// related takes from a row what it says of objects that its caller may not see.
// Steve tells the state of whatever an object refers to, and an annotation is enough
// to refer to anything: who may write one object could ask so for any other.
func related(of rights, next types.Formatter) types.Formatter {
	return func(op *types.APIRequest, row *types.RawResource) {
		if next != nil {
			next(op, row)
		}

		object, ok := row.APIObject.Object.(*unstructured.Unstructured)
		if !ok {
			return
		}

		metadata, ok := object.Object["metadata"].(map[string]any)
		if !ok {
			return
		}

		relations, ok := metadata["relationships"].([]summarycache.Relationship)
		if !ok {
			return
		}

		access := of(op)
		metadata["relationships"] = slices.DeleteFunc(relations, func(relation summarycache.Relationship) bool {
			return !seen(access, op.Schemas, relation)
		})
	}
}

// seen tells whether somebody may see the other end of a relationship, which is an
// object, or all that a selector finds.
func seen(access *accesscontrol.AccessSet, kinds *types.APISchemas, relation summarycache.Relationship) bool {
	kind, id := relation.ToType, relation.ToID
	if kind == "" {
		kind, id = relation.FromType, relation.FromID
	}

	s := kinds.LookupSchema(kind)
	if s == nil {
		return false // who has no right to a kind knows none
	}

	if id == "" {
		return access.Grants("list", attributes.GR(s), relation.ToNamespace, "")
	}

	namespace, name, ok := strings.Cut(id, "/")
	if !ok {
		namespace, name = "", namespace
	}

	return sees(access, attributes.GR(s), namespace, name)
}

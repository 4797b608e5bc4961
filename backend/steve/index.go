package steve

import (
	"github.com/rancher/steve/pkg/sqlcache/informer"
	"github.com/rancher/steve/pkg/stores/queryhelper"
	"github.com/rancher/steve/pkg/stores/sqlproxy"
	"github.com/rancher/wrangler/v3/pkg/data"
	"github.com/rancher/wrangler/v3/pkg/summary"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"crofthci.io/croft/backend/capability"
)

// index tells Steve what its lists sort and filter by: the fields that the capabilities name, and the state that their
// rows show. Steve keeps both in package variables, so this is done before anything is watched, and never undone.
func index(resources []capability.Resource, kept once) {
	for _, resource := range resources {
		indexFields(resource)
		if resource.State != nil {
			summary.Summarizers = append(summary.Summarizers, summarize(resource, kept))
		}
	}
}

func indexFields(resource capability.Resource) {
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

// summarize gives Steve the state of a capability in place of the one it would guess, for the index and for the counts.
// There is no caller then, so the state is what it is for somebody who sees the object alone.
func summarize(resource capability.Resource, kept once) summary.Summarizer {
	version, kind := resource.Kind.ToAPIVersionAndKind()
	return func(object data.Object, _ []summary.Condition, guess summary.Summary) summary.Summary {
		if object.String("kind") != kind || object.String("apiVersion") != version {
			return guess
		}
		subject, err := read(resource, capability.View{Once: kept.make}, &unstructured.Unstructured{Object: object})
		if err != nil {
			return guess
		}
		var state capability.State
		err = unbroken(func() error {
			state = resource.State(subject)
			return nil
		})
		if err != nil {
			return guess
		}
		guess.State, guess.Transitioning, guess.Error = state.Name, state.Transitioning, state.Error
		guess.Message = nil
		if state.Message != "" {
			guess.Message = []string{state.Message}
		}
		return guess
	}
}

package shape

import (
	"os"
	"path/filepath"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// A step is one field on the way from a kind to the field that is looked at.
type step struct {
	name   string
	schema apiextensionsv1.JSONSchemaProps
}

// A kindField is one field of a kind, as `kubectl explain` and the API server know it.
type kindField struct {
	// path is such as Setting.status.conditions.type: kubectl writes nothing for the items of a list.
	path string
	// steps lead to the field; the first is the kind and the last the field.
	steps []step
	// optional is what need not be written, nor need any field that it is in.
	optional bool
}

// own is the field's schema.
func (f kindField) own() apiextensionsv1.JSONSchemaProps { return f.steps[len(f.steps)-1].schema }

// leaf is a field that has no fields.
func (f kindField) leaf() bool { return len(below(f.own())) == 0 }

// kindFields are all fields of all kinds that Croft defines, for the site and for the hub. Kubernetes fills in apiVersion,
// kind and metadata by itself.
func kindFields(t *testing.T) []kindField {
	t.Helper()
	var fields []kindField
	for _, pattern := range []string{"croft-crd/templates/*.yaml", "croft-fleet/templates/crd-*.yaml"} {
		files, err := filepath.Glob(filepath.Join(root(t), "charts", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("no definitions at %s: %v", pattern, err)
		}
		for _, file := range files {
			definition := definitionIn(t, file)
			for _, version := range definition.Spec.Versions {
				kind := *version.Schema.OpenAPIV3Schema
				for _, name := range []string{"apiVersion", "kind", "metadata"} {
					delete(kind.Properties, name)
				}
				fields = append(fields, inside(definition.Spec.Names.Kind, []step{{definition.Spec.Names.Kind, kind}}, true)...)
			}
		}
	}
	return fields
}

func definitionIn(t *testing.T, file string) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(text, definition); err != nil {
		t.Fatalf("%s: %v", filepath.Base(file), err)
	}
	return definition
}

// inside is a field and all that it has.
func inside(path string, steps []step, optional bool) []kindField {
	fields := []kindField{{path: path, steps: steps, optional: optional}}
	of := steps[len(steps)-1].schema
	needed := map[string]bool{}
	for _, part := range parts(of) {
		for _, name := range part.Required {
			needed[name] = true
		}
	}
	for name, schema := range below(of) {
		way := append(append([]step{}, steps...), step{name, schema})
		fields = append(fields, inside(path+"."+name, way, !needed[name])...)
	}
	return fields
}

// below are the fields of an object, or of the items of a list or a map.
func below(schema apiextensionsv1.JSONSchemaProps) map[string]apiextensionsv1.JSONSchemaProps {
	for _, part := range parts(schema) {
		if len(part.Properties) > 0 {
			return part.Properties
		}
	}
	return nil
}

// parts are a schema, and that of its items.
func parts(schema apiextensionsv1.JSONSchemaProps) []apiextensionsv1.JSONSchemaProps {
	all := []apiextensionsv1.JSONSchemaProps{schema}
	if schema.Items != nil && schema.Items.Schema != nil {
		all = append(all, *schema.Items.Schema)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		all = append(all, *schema.AdditionalProperties.Schema)
	}
	return all
}

package shape

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// TestEveryFieldIsExplained holds that `kubectl explain` has a sentence for every field of every kind that Croft defines.
func TestEveryFieldIsExplained(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "charts", "croft-crd", "templates", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(text, definition); err != nil {
			t.Fatalf("%s: %v", filepath.Base(file), err)
		}
		for _, version := range definition.Spec.Versions {
			explained(t, definition.Spec.Names.Kind, version.Schema.OpenAPIV3Schema)
		}
	}
}

// explained looks at a field and all below it. Kubernetes fills in metadata itself, and what an item of a list is the list
// says.
func explained(t *testing.T, path string, schema *apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	if strings.TrimSpace(schema.Description) == "" {
		t.Errorf("%s has no description", path)
	}
	for name, field := range schema.Properties {
		if name != "metadata" || strings.Contains(path, ".") {
			explained(t, path+"."+name, &field)
		}
	}
	for _, below := range []*apiextensionsv1.JSONSchemaProps{itemOf(schema), valueOf(schema)} {
		if below == nil {
			continue
		}
		for name, field := range below.Properties {
			explained(t, path+"[]."+name, &field)
		}
	}
}

func itemOf(schema *apiextensionsv1.JSONSchemaProps) *apiextensionsv1.JSONSchemaProps {
	if schema.Items == nil {
		return nil
	}
	return schema.Items.Schema
}

func valueOf(schema *apiextensionsv1.JSONSchemaProps) *apiextensionsv1.JSONSchemaProps {
	if schema.AdditionalProperties == nil {
		return nil
	}
	return schema.AdditionalProperties.Schema
}

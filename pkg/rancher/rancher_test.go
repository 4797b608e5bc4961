package rancher

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

func TestCRDs(t *testing.T) {
	definitions, err := CRDs()
	if err != nil {
		t.Fatal(err)
	}

	scheme := runtime.NewScheme()
	if err := AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}

	for _, definition := range definitions {
		t.Run(definition.Name, func(t *testing.T) {
			kinds := map[string]bool{}

			for gvk := range scheme.AllKnownTypes() {
				if gvk.Group == definition.Spec.Group && gvk.Version == definition.Spec.Versions[0].Name {
					kinds[gvk.Kind] = true
				}
			}

			if !kinds[definition.Spec.Names.Kind] {
				t.Errorf("kind %s of %s is not in the scheme", definition.Spec.Names.Kind, definition.Spec.Group)
			}

			root := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
			if root.XPreserveUnknownFields == nil || !*root.XPreserveUnknownFields {
				t.Error("a slim kind must keep the fields that it does not know")
			}
		})
	}
}

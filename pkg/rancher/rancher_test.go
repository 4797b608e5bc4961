package rancher

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// TestChartHasTheSame holds the chart's copy of the definitions, which Helm must
// find inside the chart, to the ones that are compiled in.
func TestChartHasTheSame(t *testing.T) {
	chart := filepath.Join("..", "..", "charts", "croft-fleet", "standalone")

	names, err := fs.Glob(crds, "crd/*.yaml")
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range names {
		want, err := crds.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}

		got, err := os.ReadFile(filepath.Join(chart, filepath.Base(name)))
		if err != nil {
			t.Fatal(err)
		}

		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-compiled in, +chart):\n%s", name, diff)
		}
	}
}

package driver

import (
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// definitionFile is the kind that Rancher makes of the flags, for a hub without Rancher.
const definitionFile = "../standalone/bootstrap/crd/rke-machine-config.cattle.io_croftconfigs.yaml"

// definition is the kind of a machine's configuration: a field for each flag but secrets, numbers as text.
func definition() *apiextensionsv1.CustomResourceDefinition {
	fields := map[string]apiextensionsv1.JSONSchemaProps{}
	for _, d := range declarations(&Flags{}) {
		if d.Secret {
			continue
		}
		kind := "string"
		if d.value.Kind() == reflect.Bool {
			kind = "boolean"
		}
		fields[d.field()] = apiextensionsv1.JSONSchemaProps{Type: kind, Description: d.Usage, Nullable: kind == "string"}
	}
	return &apiextensionsv1.CustomResourceDefinition{
		TypeMeta:   metav1.TypeMeta{APIVersion: apiextensionsv1.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
		ObjectMeta: metav1.ObjectMeta{Name: "croftconfigs.rke-machine-config.cattle.io"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "rke-machine-config.cattle.io", Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: "CroftConfig", ListKind: "CroftConfigList", Plural: "croftconfigs", Singular: "croftconfig"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", Properties: fields}},
			}},
		},
	}
}

// TestDefinition holds that a hub without Rancher keeps what Rancher would: `go test ./fleet/driver -run TestDefinition -update`.
func TestDefinition(t *testing.T) {
	want, err := yaml.Marshal(map[string]any{"apiVersion": definition().APIVersion, "kind": definition().Kind, "metadata": map[string]any{"name": definition().Name}, "spec": definition().Spec})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(definitionFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(definitionFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(have)); diff != "" {
		t.Errorf("%s is not what the flags say (-want +have):\n%s", definitionFile, diff)
	}
}

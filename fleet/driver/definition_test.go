package driver

import (
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/fleet/nodedriver"
)

// configFile is the kind that Rancher makes of the flags, for a hub without Rancher.
const configFile = "../standalone/bootstrap/crd/rke-machine-config.cattle.io_croftconfigs.yaml"

// property is a flag as a field of the kind, as Rancher makes it: numbers are text, and what is false is false.
func property(d declared) apiextensionsv1.JSONSchemaProps {
	made := apiextensionsv1.JSONSchemaProps{Description: d.Usage, Type: "string", Nullable: true}
	if d.value.Kind() == reflect.Bool {
		made.Type = "boolean"
	}
	if d.Default != "" {
		made.Default = &apiextensionsv1.JSON{Raw: []byte(`"` + d.Default + `"`)}
	}
	return made
}

// common is what Rancher asks of the machines of every driver.
func common() apiextensionsv1.JSONSchemaProps {
	text := apiextensionsv1.JSONSchemaProps{Type: "string"}
	anything := true
	return apiextensionsv1.JSONSchemaProps{
		Type: "object", Nullable: true, Description: "what Rancher asks of the machines of every driver",
		Properties: map[string]apiextensionsv1.JSONSchemaProps{
			"cloudCredentialSecretName": text,
			"os":                        text,
			"labels":                    {Type: "object", AdditionalProperties: &apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: &text}},
			"taints": {Type: "array", Items: &apiextensionsv1.JSONSchemaPropsOrArray{
				Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", XPreserveUnknownFields: &anything},
			}},
		},
	}
}

// configDefinition is the kind CroftConfig, of the flags. What a credential keeps to itself is no field of it.
func configDefinition() *apiextensionsv1.CustomResourceDefinition {
	text := apiextensionsv1.JSONSchemaProps{Type: "string"}
	fields := map[string]apiextensionsv1.JSONSchemaProps{"apiVersion": text, "kind": text, "metadata": {Type: "object"}, "common": common()}
	for _, d := range declarations(&Flags{}) {
		if !slices.Contains(nodedriver.PrivateFields, d.field()) {
			fields[d.field()] = property(d)
		}
	}
	return &apiextensionsv1.CustomResourceDefinition{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition"},
		ObjectMeta: metav1.ObjectMeta{Name: "croftconfigs.rke-machine-config.cattle.io"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "rke-machine-config.cattle.io", Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: "CroftConfig", ListKind: "CroftConfigList", Plural: "croftconfigs", Singular: "croftconfig"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", Description: "CroftConfig is what the machines of a pool are: the flags of docker-machine-driver-croft.", Properties: fields,
				}},
			}},
		},
	}
}

// TestDefinition holds that the kind is what the flags are; -update writes it.
func TestDefinition(t *testing.T) {
	definition := configDefinition()
	want, err := yaml.Marshal(map[string]any{
		"apiVersion": definition.APIVersion, "kind": definition.Kind, "metadata": map[string]any{"name": definition.Name}, "spec": definition.Spec,
	})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(configFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(have)); diff != "" {
		t.Errorf("%s is not what the flags say; -update writes it (-want +got):\n%s", configFile, diff)
	}
}

// TestCredentialFields holds that what a cloud credential is made of are flags, and that what is secret of them is private.
func TestCredentialFields(t *testing.T) {
	secret := map[string]bool{}
	for _, d := range declarations(&Flags{}) {
		secret[d.field()] = d.Secret
	}
	for _, field := range slices.Concat(nodedriver.PublicFields, nodedriver.PrivateFields) {
		if is, known := secret[field]; !known || is != slices.Contains(nodedriver.PrivateFields, field) {
			t.Errorf("%s: a flag %v, secret %v", field, known, is)
		}
	}
}

package manager

import (
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
)

// Open defines a namespaced kind without a schema. Its status is a subresource when withStatus says so.
func Open(kind schema.GroupVersionKind, withStatus bool) *apiextensionsv1.CustomResourceDefinition {
	singular := strings.ToLower(kind.Kind)
	plural := singular + "s"
	if strings.HasSuffix(singular, "s") {
		plural = singular + "es"
	}
	version := apiextensionsv1.CustomResourceDefinitionVersion{
		Name: kind.Version, Served: true, Storage: true,
		Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
			Type: "object", XPreserveUnknownFields: ptr.To(true),
		}},
	}
	if withStatus {
		version.Subresources = &apiextensionsv1.CustomResourceSubresources{
			Status: &apiextensionsv1.CustomResourceSubresourceStatus{},
		}
	}
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{
			Name: plural + "." + kind.Group,
			// Kubernetes asks for this of the groups that are its own.
			Annotations: map[string]string{"api-approved.kubernetes.io": "unapproved, for a test"},
		},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: kind.Group,
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{
				Kind: kind.Kind, ListKind: kind.Kind + "List", Singular: singular, Plural: plural,
			},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{version},
		},
	}
}

// OpenCluster defines a kind without a schema that belongs to no namespace.
func OpenCluster(kind schema.GroupVersionKind) *apiextensionsv1.CustomResourceDefinition {
	definition := Open(kind, false)
	definition.Spec.Scope = apiextensionsv1.ClusterScoped
	return definition
}

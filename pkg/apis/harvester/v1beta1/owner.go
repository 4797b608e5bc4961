package v1beta1

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Owners are the objects of one type that use a claim, as AnnotationOwnedBy lists them.
//
// +kubebuilder:object:generate=false
type Owners struct {
	// Schema is the type, such as kubevirt.io.virtualmachine.
	Schema string `json:"schema"`
	// Refs are the objects, as namespace/name.
	Refs []string `json:"refs"`
}

// OwnersOf are all objects that the annotation lists, of whatever type, as namespace/name. What cannot be read counts as
// nothing: the annotation is a controller's to write.
func OwnersOf(annotation string) []string {
	var lists []Owners
	if json.Unmarshal([]byte(annotation), &lists) != nil {
		return nil
	}
	var refs []string
	for _, list := range lists {
		refs = append(refs, list.Refs...)
	}
	return refs
}

// ImageOf is the image that an object's AnnotationImageID names; zero when it names none. A name without a namespace is
// looked for beside the object.
func ImageOf(object metav1.Object) types.NamespacedName {
	id := object.GetAnnotations()[AnnotationImageID]
	if id == "" {
		return types.NamespacedName{}
	}
	if namespace, name, found := strings.Cut(id, "/"); found {
		return types.NamespacedName{Namespace: namespace, Name: name}
	}
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: id}
}

// IsImage says whether a reference of a claim's data source is to an image.
func IsImage(group *string, kind string) bool {
	return group != nil && *group == GroupVersion.Group && kind == VirtualMachineImageKind.Kind
}

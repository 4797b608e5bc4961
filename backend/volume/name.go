package volume

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// FromImage says whether a claim's bytes are to be an image's: it starts as one, and names which.
func FromImage(claim *corev1.PersistentVolumeClaim) bool {
	ref := claim.Spec.DataSourceRef
	return ref != nil && harvesterv1.IsImage(ref.APIGroup, ref.Kind) && claim.Annotations[harvesterv1.AnnotationImageID] != ""
}

// named refuses a name that no object can have, or none.
func named(field, name string) error {
	if name == "" {
		return capability.Refuse(field, "%s is needed.", field)
	}
	if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 {
		return capability.Refuse(field, "%s %q is no name for an object: %s.", field, name, strings.Join(problems, "; "))
	}
	return nil
}

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is where the hub's kinds are served.
var GroupVersion = schema.GroupVersion{Group: "crofthci.io", Version: "v1alpha1"}

// AddToScheme teaches a scheme the hub's kinds.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &Site{}, &SiteList{}, &BulkOperation{}, &BulkOperationList{}, &GuestCredential{}, &GuestCredentialList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}

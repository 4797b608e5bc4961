package storageclass

import (
	storagev1 "k8s.io/api/storage/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Capability is the storage classes of a site. All that can be done with one is to make, change and delete it.
var Capability = capability.Capability{
	Name: "storageclass",
	Resources: []capability.Resource{{
		Kind:    storagev1.SchemeGroupVersion.WithKind("StorageClass"),
		Read:    capability.As[storagev1.StorageClass](),
		State:   capability.Stating(State),
		Indexed: []string{"provisioner"},
	}},
}

// State is the word for a storage class: Default for the one of volumes that name none, Reserved for the site's own.
func State(class *storagev1.StorageClass) capability.State {
	switch {
	case class.DeletionTimestamp != nil:
		return capability.State{Name: "Removing", Transitioning: true}
	case class.Annotations[harvesterv1.AnnotationDefaultClass] == "true":
		return capability.State{Name: "Default", Message: "Volumes that name no storage class are made of this one."}
	case class.Annotations[harvesterv1.AnnotationReservedClass] == "true":
		return capability.State{Name: "Reserved", Message: "The site uses this class itself."}
	default:
		return capability.State{Name: "Active"}
	}
}

package image

import (
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
)

// Capability is the images of a site.
var Capability = capability.Capability{
	Name: "image",
	Resources: []capability.Resource{{
		Kind:    harvesterv1.VirtualMachineImageKind,
		Read:    capability.As[harvesterv1.VirtualMachineImage](),
		State:   capability.Stating(State),
		Actions: Actions,
		Links:   Links,
		Indexed: []string{"spec.displayName", "spec.sourceType", "status.progress", "status.size"},
	}, {
		Kind:    harvesterv1.ImageDownloaderKind,
		Indexed: []string{"spec.imageName", "status.status"},
	}},
	Scheme: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme, kubevirt.AddToScheme},
}

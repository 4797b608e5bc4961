package node

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
)

// Capability is the nodes of a site.
var Capability = capability.Capability{
	Name: "node",
	Resources: []capability.Resource{{
		Kind:    corev1.SchemeGroupVersion.WithKind("Node"),
		Read:    capability.Reading(read),
		State:   capability.Stating(state),
		Actions: Actions,
	}},
	Routes: Routes,
	Scheme: runtime.SchemeBuilder{corev1.AddToScheme, kubevirt.AddToScheme, longhorn.AddToScheme},
	Watched: []capability.Watched{
		{Object: &corev1.Node{}},
		{Object: &kubevirt.VirtualMachineInstance{}},
	},
}

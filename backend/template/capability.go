package template

import (
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Capability is the templates of a site.
var Capability = capability.Capability{
	Name: "template",
	Resources: []capability.Resource{
		{
			Kind: harvesterv1.TemplateKind,
			Read: capability.As[harvesterv1.VirtualMachineTemplate](),
			Links: []capability.Link{
				capability.Fetch("versions", versions).
					Needs("list", harvesterv1.GroupVersion, harvesterv1.TemplateVersions.Resource).
					Explained("The versions of the template, the newest first."),
			},
			Indexed: []string{"spec.defaultVersionId", "status.defaultVersion", "status.latestVersion"},
		},
		{
			Kind:    harvesterv1.TemplateVersionKind,
			Read:    capability.As[harvesterv1.VirtualMachineTemplateVersion](),
			State:   capability.Stating(State),
			Indexed: []string{"spec.templateId", "spec.imageId", "status.version"},
		},
	},
	Scheme: runtime.SchemeBuilder{harvesterv1.AddToScheme},
}

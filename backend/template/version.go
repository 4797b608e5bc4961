package template

import (
	"cmp"
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Versions are the versions of a template, in the form of Steve's lists.
type Versions struct {
	// Type is collection.
	Type string `json:"type"`
	// ResourceType is the kind of what is in data.
	ResourceType string `json:"resourceType"`
	// Data are the versions, the newest first.
	Data []Version `json:"data"`
}

// Version is a version in the form of Steve's objects.
type Version struct {
	// ID is "namespace/name".
	ID string `json:"id"`
	// Type is the kind.
	Type string `json:"type"`

	harvesterv1.VirtualMachineTemplateVersion `json:",inline"`
}

const versionType = "harvesterhci.io.virtualmachinetemplateversion"

// versions reads the versions of a template as the caller.
func versions(ctx context.Context, caller capability.Caller, of *harvesterv1.VirtualMachineTemplate) (Versions, error) {
	all := &harvesterv1.VirtualMachineTemplateVersionList{}
	if err := caller.Client.List(ctx, all, client.InNamespace(of.Namespace)); err != nil {
		return Versions{}, err
	}
	list := Versions{Type: "collection", ResourceType: versionType, Data: []Version{}}
	for _, version := range ofTemplate(all.Items, of.Namespace+"/"+of.Name) {
		version.APIVersion, version.Kind = harvesterv1.TemplateVersionKind.ToAPIVersionAndKind()
		list.Data = append(list.Data, Version{ID: version.Namespace + "/" + version.Name, Type: versionType, VirtualMachineTemplateVersion: version})
	}
	return list, nil
}

// ofTemplate are the versions of one template, the newest first; one without a number yet is newer than all that have one.
func ofTemplate(all []harvesterv1.VirtualMachineTemplateVersion, id string) []harvesterv1.VirtualMachineTemplateVersion {
	own := slices.DeleteFunc(slices.Clone(all), func(v harvesterv1.VirtualMachineTemplateVersion) bool { return v.Spec.TemplateID != id })
	slices.SortStableFunc(own, func(a, b harvesterv1.VirtualMachineTemplateVersion) int {
		if unnumbered := cmp.Compare(min(a.Status.Version, 1), min(b.Status.Version, 1)); unnumbered != 0 {
			return unnumbered
		}
		return cmp.Compare(b.Status.Version, a.Status.Version)
	})
	return own
}

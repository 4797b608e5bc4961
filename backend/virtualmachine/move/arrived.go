package move

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Arrived says whether the volume of a claim template runs on the claim that it was to be moved to, and KubeVirt is done
// with it. What an instance that has ended had reached is not known: KubeVirt says so of the machine.
func Arrived(vm *kubevirt.VirtualMachine, vmi *kubevirt.VirtualMachineInstance, template claim.Template) bool {
	if !kubevirt.Active(vmi) || len(vmi.Status.MigratedVolumes) > 0 || kubevirt.InstanceIs(vmi, kubevirt.InstanceVolumesChange) {
		return false
	}
	on := func(v kubevirt.Volume) bool { return claim.Of(&v) == template.TargetVolume }
	return vm.Spec.Template != nil && slices.ContainsFunc(vm.Spec.Template.Spec.Volumes, on) &&
		slices.ContainsFunc(vmi.Spec.Volumes, on)
}

// become makes the entry of a claim template the one of another claim. What people said of the volume stays; what the
// claim is made of is the other claim's. One that was a copy of another claim forgets the image that it named: nobody has
// asked whether its author may read that, and should the claim be lost, the next would be cut from it.
func become(entry map[string]any, target *corev1.PersistentVolumeClaim) {
	delete(entry, "targetVolume")
	metadata, _ := entry["metadata"].(map[string]any)
	if metadata != nil {
		metadata["name"] = target.Name
	}
	spec, ok := entry["spec"].(map[string]any)
	if !ok {
		return
	}
	if annotations, ok := metadata["annotations"].(map[string]any); ok && (spec["dataSource"] != nil || spec["dataSourceRef"] != nil) {
		delete(annotations, harvesterv1.AnnotationImageID)
	}
	for _, from := range []string{"dataSource", "dataSourceRef", "storageClassName", "volumeMode"} {
		delete(spec, from)
	}
	if target.Spec.StorageClassName != nil {
		spec["storageClassName"] = *target.Spec.StorageClassName
	}
	if target.Spec.VolumeMode != nil {
		spec["volumeMode"] = string(*target.Spec.VolumeMode)
	}
	modes := make([]any, 0, len(target.Spec.AccessModes))
	for _, mode := range target.Spec.AccessModes {
		modes = append(modes, string(mode))
	}
	size := target.Spec.Resources.Requests[corev1.ResourceStorage]
	spec["accessModes"] = modes
	spec["resources"] = map[string]any{"requests": map[string]any{"storage": size.String()}}
}

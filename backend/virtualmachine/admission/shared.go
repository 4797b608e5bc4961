package admission

import (
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/kubevirt"
)

// disksShareable asks of a disk that several machines write to what keeps them from spoiling it: nobody boots from it,
// nobody keeps of it what the others do not see, and it is a claim.
func disksShareable(r request) field.ErrorList {
	if r.Object.Spec.Template == nil {
		return nil
	}
	spec := &r.Object.Spec.Template.Spec
	var wrong field.ErrorList
	for i := range spec.Domain.Devices.Disks {
		disk := &spec.Domain.Devices.Disks[i]
		if !ptr.Deref(disk.Shareable, false) {
			continue
		}
		path := devicesPath.Child("disks").Index(i)
		if disk.BootOrder != nil {
			wrong = append(wrong, field.Forbidden(path.Child("bootOrder"), "a machine cannot boot from a disk that it shares"))
		}
		if disk.Cache != "" && disk.Cache != kubevirt.CacheNone {
			wrong = append(wrong, field.NotSupported(path.Child("cache"), disk.Cache, []kubevirt.DriverCache{kubevirt.CacheNone}))
		}
		if at := volumeNamed(spec, disk.Name); at >= 0 && spec.Volumes[at].PersistentVolumeClaim == nil {
			wrong = append(wrong, field.Required(templatePath.Child("volumes").Index(at).Child("persistentVolumeClaim"),
				"a disk that machines share must be a claim"))
		}
	}
	return wrong
}

// volumeNamed is where among the volumes one is, -1 for one that is not: KubeVirt says so itself.
func volumeNamed(spec *kubevirt.VirtualMachineInstanceSpec, name string) int {
	for i := range spec.Volumes {
		if spec.Volumes[i].Name == name {
			return i
		}
	}
	return -1
}

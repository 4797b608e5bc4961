package virtualmachine

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// AddVolumeInput says which volume is to be plugged in.
type AddVolumeInput struct {
	// DiskName is what the machine calls the disk: a name that none of its disks has.
	DiskName string `json:"diskName"`
	// VolumeSourceName is the claim, beside the machine.
	VolumeSourceName string `json:"volumeSourceName"`
	// Shareable lets other machines plug the claim in as well. It must be ReadWriteMany.
	Shareable bool `json:"shareable,omitempty"`
}

// RemoveVolumeInput says which disk is to be unplugged.
type RemoveVolumeInput struct {
	// DiskName is what the machine calls the disk.
	DiskName string `json:"diskName"`
}

// addVolume plugs a claim in, on the SCSI controller: it has places for disks that come while the machine runs.
func addVolume(ctx context.Context, caller capability.Caller, m Machine, input AddVolumeInput) error {
	if err := nameFree(m.VM, input.DiskName); err != nil {
		return err
	}
	if input.VolumeSourceName == "" {
		return capability.Refuse("volumeSourceName", "Say which volume is to be plugged in.")
	}
	present := &corev1.PersistentVolumeClaim{}
	err := caller.Client.Get(ctx, types.NamespacedName{Namespace: m.VM.Namespace, Name: input.VolumeSourceName}, present)
	if apierrors.IsNotFound(err) {
		return capability.Refuse("volumeSourceName", "There is no volume %s in namespace %s.", input.VolumeSourceName, m.VM.Namespace)
	}
	if err != nil {
		return err
	}
	if err := pluggable(m.VM, present, input.Shareable); err != nil {
		return err
	}
	disk := &kubevirt.Disk{Name: input.DiskName, DiskDevice: kubevirt.DiskDevice{Disk: &kubevirt.DiskTarget{Bus: kubevirt.DiskBusSCSI}}}
	if input.Shareable {
		disk.Shareable, disk.Cache = ptr.To(true), kubevirt.CacheNone
	}
	free := func(vm *kubevirt.VirtualMachine) error {
		if err := nameFree(vm, input.DiskName); err != nil {
			return err
		}
		return pluggable(vm, present, input.Shareable)
	}
	return inTurn(ctx, caller.Client, m, free, func() error {
		return kubevirt.AddVolume(ctx, caller.Config, m.key(), &kubevirt.AddVolumeOptions{
			Name: input.DiskName, Disk: disk,
			VolumeSource: &kubevirt.HotplugVolumeSource{PersistentVolumeClaim: plugged(input.VolumeSourceName)},
		})
	})
}

// plugged is a claim that may be unplugged while the machine runs.
func plugged(name string) *kubevirt.PersistentVolumeClaimVolumeSource {
	source := &kubevirt.PersistentVolumeClaimVolumeSource{Hotpluggable: true}
	source.ClaimName = name
	return source
}

// nameFree refuses a name for a disk that is none, or is taken.
func nameFree(vm *kubevirt.VirtualMachine, name string) error {
	if name == "" {
		return capability.Refuse("diskName", "Say what the machine is to call the disk.")
	}
	if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
		return capability.Refuse("diskName", "%s cannot be the name of a disk: %s.", name, problems[0])
	}
	spec := hardware(vm)
	disk := slices.ContainsFunc(spec.Domain.Devices.Disks, func(d kubevirt.Disk) bool { return d.Name == name })
	volume := slices.ContainsFunc(spec.Volumes, func(v kubevirt.Volume) bool { return v.Name == name })
	if disk || volume {
		return capability.Refuse("diskName", "The machine has a disk %s already.", name)
	}
	return nil
}

// pluggable refuses a claim that a machine may not plug in.
func pluggable(vm *kubevirt.VirtualMachine, present *corev1.PersistentVolumeClaim, shareable bool) error {
	refuse := func(format string, args ...any) error { return capability.Refuse("volumeSourceName", format, args...) }
	users := slices.DeleteFunc(claim.Machines(present), func(ref string) bool { return ref == vm.Namespace+"/"+vm.Name })
	many := slices.Contains(present.Spec.AccessModes, corev1.ReadWriteMany)
	switch {
	case present.DeletionTimestamp != nil:
		return refuse("Volume %s is being deleted.", present.Name)
	case present.Annotations[harvesterv1.AnnotationGoldenImage] == "true":
		return refuse("Volume %s holds the bytes of image %s. Cut a volume from the image instead.",
			present.Name, present.Annotations[harvesterv1.AnnotationImageID])
	case slices.Contains(claim.Used(vm), present.Name):
		return refuse("The machine has volume %s already.", present.Name)
	case shareable && !many:
		return capability.Refuse("shareable", "Volume %s cannot be shared: it is not ReadWriteMany.", present.Name)
	case len(users) > 0 && !shareable:
		return refuse("Volume %s is used by %s. Two machines can only use one volume that is shareable.",
			present.Name, strings.Join(users, ", "))
	default:
		return nil
	}
}

// removeVolume unplugs a disk. Its volume stays; a claim template that the machine has of it is forgotten, or the volume
// would be the machine's for ever.
func removeVolume(ctx context.Context, caller capability.Caller, m Machine, input RemoveVolumeInput) error {
	name, err := unpluggable(m.VM, input.DiskName)
	if err != nil {
		return err
	}
	there := func(vm *kubevirt.VirtualMachine) error {
		_, err := unpluggable(vm, input.DiskName)
		return err
	}
	unplug := func() error {
		return kubevirt.RemoveVolume(ctx, caller.Config, m.key(), &kubevirt.RemoveVolumeOptions{Name: input.DiskName})
	}
	return withoutTemplate(ctx, caller.Client, m, name, func() error { return inTurn(ctx, caller.Client, m, there, unplug) })
}

// unpluggable is the claim of a disk that can be unplugged while the machine runs.
func unpluggable(vm *kubevirt.VirtualMachine, disk string) (string, error) {
	can := unpluggables(vm)
	if slices.Contains(can, disk) {
		return claim.Of(volumeOf(vm, disk)), nil
	}
	switch volume := volumeOf(vm, disk); {
	case isDrive(vm, disk):
		return "", capability.Refuse("diskName", "%s is a CD-ROM drive. Eject what is in it instead.", disk)
	case volume == nil:
		return "", capability.Refuse("diskName", "The machine has no disk %s. Unplugged can be: %s.", disk, strings.Join(can, ", "))
	default:
		return "", capability.Refuse("diskName",
			"Disk %s is built in. Unplugged can be: %s. Take it out of the machine when it is off.", disk, strings.Join(can, ", "))
	}
}

// unpluggables are the disks that can be unplugged while a machine runs.
func unpluggables(vm *kubevirt.VirtualMachine) []string {
	var names []string
	for _, volume := range hardware(vm).Volumes {
		if isPlugged(volume) && !isDrive(vm, volume.Name) {
			names = append(names, volume.Name)
		}
	}
	return names
}

func unlessVolumeRemovable(m Machine) string {
	if sentence := unlessChangeable(m); sentence != "" {
		return sentence
	}
	if len(unpluggables(m.VM)) == 0 {
		return "The machine has no disk that could be unplugged: only one that was plugged in can."
	}
	return ""
}

// volumeOf is the volume of a disk, nil when there is none.
func volumeOf(vm *kubevirt.VirtualMachine, disk string) *kubevirt.Volume {
	volumes := hardware(vm).Volumes
	if at := slices.IndexFunc(volumes, func(v kubevirt.Volume) bool { return v.Name == disk }); at >= 0 {
		return &volumes[at]
	}
	return nil
}

// isPlugged says whether a volume can be unplugged while its machine runs.
func isPlugged(volume kubevirt.Volume) bool {
	return volume.PersistentVolumeClaim != nil && volume.PersistentVolumeClaim.Hotpluggable ||
		volume.DataVolume != nil && volume.DataVolume.Hotpluggable
}

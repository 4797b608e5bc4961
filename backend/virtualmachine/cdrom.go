package virtualmachine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
)

// InsertCdRomVolumeInput says what is to be put into which CD-ROM drive.
type InsertCdRomVolumeInput struct {
	// DeviceName is the drive: a CD-ROM disk of the machine with nothing in it. Harvester spells it with a capital.
	DeviceName string `json:"DeviceName"`
	// ImageName is the image, as namespace/name or as a name beside the machine.
	ImageName string `json:"imageName"`
}

// EjectCdRomVolumeInput says which CD-ROM drive is to be emptied.
type EjectCdRomVolumeInput struct {
	// DeviceName is the drive.
	DeviceName string `json:"deviceName"`
}

// insertCdRomVolume puts a copy of an image into an empty drive: a claim that the machine has a template of, as it has
// of its other volumes. The guest finds it in the drive when it is copied.
func insertCdRomVolume(ctx context.Context, caller capability.Caller, m Machine, input InsertCdRomVolumeInput) error {
	if err := driveEmpty(m.VM, input.DeviceName); err != nil {
		return err
	}
	image, err := discOf(ctx, caller.Client, m, input.ImageName)
	if err != nil {
		return err
	}
	template := disc(m.VM.Name, input.DeviceName, image, rand.String(5))
	return amend(ctx, caller.Client, m, func(vm *kubevirt.VirtualMachine) ([]step, error) {
		if err := driveEmpty(vm, input.DeviceName); err != nil {
			return nil, err
		}
		text, err := claim.With(vm, template)
		if err != nil {
			return nil, fmt.Errorf("list the volume of drive %s: %w", input.DeviceName, err)
		}
		volume := kubevirt.Volume{Name: input.DeviceName}
		volume.PersistentVolumeClaim = plugged(template.Name)
		return append(listing(vm, text), appended(atVolumes, len(hardware(vm).Volumes), volume)), nil
	})
}

// discOf is the image of a name, read as the caller.
func discOf(
	ctx context.Context, caller client.Client, m Machine, name string,
) (*harvesterv1.VirtualMachineImage, error) {
	if name == "" {
		return nil, capability.Refuse("imageName", "Say which image is to be put into the drive.")
	}
	id := types.NamespacedName{Namespace: m.VM.Namespace, Name: name}
	if namespace, short, found := strings.Cut(name, "/"); found {
		id = types.NamespacedName{Namespace: namespace, Name: short}
	}
	image := &harvesterv1.VirtualMachineImage{}
	err := caller.Get(ctx, id, image)
	if apierrors.IsNotFound(err) {
		return nil, capability.Refuse("imageName", "There is no image %s.", id)
	}
	if err != nil {
		return nil, err
	}
	if !image.Ready() || image.DeletionTimestamp != nil {
		return nil, capability.Refuse("imageName", "Image %s is not ready: %d %% of it are there.", id, image.Status.Progress)
	}
	return image, nil
}

// longestStem leaves room in a name of 63 characters for what makes it another's.
const longestStem = 57

// disc is the claim template of a copy of an image for a drive. How it can be read from how many nodes, CDI knows best
// for its class.
func disc(machine, drive string, image *harvesterv1.VirtualMachineImage, suffix string) claim.Template {
	stem := machine + "-" + drive
	stem = strings.TrimRight(stem[:min(len(stem), longestStem)], "-.")
	template := claim.Template{}
	template.Name = stem + "-" + suffix
	template.Annotations = map[string]string{harvesterv1.AnnotationImageID: image.Namespace + "/" + image.Name}
	template.Spec.Resources.Requests = corev1.ResourceList{
		corev1.ResourceStorage: *resource.NewQuantity(roundUp(image.Status.VirtualSize), resource.BinarySI),
	}
	if class := image.Status.StorageClassName; class != "" {
		template.Spec.StorageClassName = &class
	}
	return template
}

// roundUp is a size in whole mebibytes, of which a volume has one at least.
func roundUp(bytes int64) int64 {
	const mebibyte = 1 << 20
	return max((bytes+mebibyte-1)/mebibyte, 1) * mebibyte
}

// ejectCdRomVolume empties a drive, and removes the claim that was made to be in it. Whether the caller may remove it is
// asked first: a drive is not emptied half.
func ejectCdRomVolume(ctx context.Context, caller capability.Caller, m Machine, input EjectCdRomVolumeInput) error {
	name, err := ejectable(m, input.DeviceName)
	if err != nil {
		return err
	}
	made, err := madeFor(ctx, caller.Client, m.VM, name)
	if err != nil {
		return err
	}
	for _, object := range made {
		// Whether the caller may. That the machine still has it is a conflict, which ends with the next step.
		if err := discard(ctx, caller.Client, object, client.DryRunAll); err != nil && !apierrors.IsConflict(err) {
			return err
		}
	}
	if err := markEjected(ctx, caller.Client, made, "true"); err != nil {
		return err
	}
	err = amend(ctx, caller.Client, m, func(vm *kubevirt.VirtualMachine) ([]step, error) {
		at := slices.IndexFunc(hardware(vm).Volumes, func(v kubevirt.Volume) bool { return v.Name == input.DeviceName })
		if at < 0 || claim.Of(&hardware(vm).Volumes[at]) != name {
			return nil, capability.Refuse("deviceName", "Somebody else has emptied drive %s at the same moment.", input.DeviceName)
		}
		steps, err := forgotten(vm, name)
		return append(steps, step{Op: "remove", Path: entry(atVolumes, at, "")}), err
	})
	if err != nil {
		return errors.Join(err, markEjected(ctx, caller.Client, made, nil))
	}
	for _, object := range made {
		if err := discardSoon(ctx, caller.Client, object); err != nil {
			return err
		}
	}
	return nil
}

// markEjected writes on a claim that it goes when the machine has it no more, or takes that back: the claim goes then also
// when this program ends in between. Who may not write on it may still remove it.
func markEjected(ctx context.Context, caller client.Client, made []client.Object, value any) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{harvesterv1.AnnotationEjected: value}}})
	if err != nil {
		return fmt.Errorf("mark what is ejected: %w", err)
	}
	for _, object := range made {
		present, is := object.(*corev1.PersistentVolumeClaim)
		if !is {
			continue
		}
		err := caller.Patch(ctx, present.DeepCopy(), client.RawPatch(types.MergePatchType, patch))
		if client.IgnoreNotFound(err) != nil && !apierrors.IsForbidden(err) {
			return err
		}
	}
	return nil
}

// How long those who keep volumes that machines have may take to see that a machine has one no more.
const (
	discardPatience = 20 * time.Second
	discardPause    = 100 * time.Millisecond
)

// discardSoon discards an object as soon as it is known that the machine has it no more.
func discardSoon(ctx context.Context, caller client.Client, object client.Object) error {
	var kept error
	err := wait.PollUntilContextTimeout(ctx, discardPause, discardPatience, true, func(ctx context.Context) (bool, error) {
		kept = discard(ctx, caller, object)
		if apierrors.IsConflict(kept) {
			return false, nil
		}
		return true, kept
	})
	if wait.Interrupted(err) && kept != nil {
		return kept
	}
	return err
}

// madeFor are the volume and the claim that were made for a drive, as far as they exist and are nobody else's: those that
// the machine has a template of, cut from an image. The volume is to be removed first: CDI would fill the claim anew.
func madeFor(ctx context.Context, caller client.Client, vm *kubevirt.VirtualMachine, name string) ([]client.Object, error) {
	template, found := templateOf(vm, name)
	if _, image := template.Image(vm.Namespace); !found || image == "" {
		return nil, nil
	}
	present := &corev1.PersistentVolumeClaim{}
	var made []client.Object
	for _, object := range []client.Object{&cdi.DataVolume{}, present} {
		err := caller.Get(ctx, types.NamespacedName{Namespace: vm.Namespace, Name: name}, object)
		if apierrors.IsNotFound(err) || apimeta.IsNoMatchError(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		made = append(made, object)
	}
	others := slices.ContainsFunc(claim.Machines(present), func(ref string) bool { return ref != vm.Namespace+"/"+vm.Name })
	if others || present.Annotations[harvesterv1.AnnotationGoldenImage] == "true" {
		return nil, nil
	}
	return made, nil
}

func discard(ctx context.Context, caller client.Client, object client.Object, options ...client.DeleteOption) error {
	uid := object.GetUID() // not what somebody else makes under its name meanwhile
	options = append(options, client.PropagationPolicy(metav1.DeletePropagationBackground), client.Preconditions{UID: &uid})
	return client.IgnoreNotFound(caller.Delete(ctx, object, options...))
}

// drives are a machine's CD-ROM drives.
func drives(vm *kubevirt.VirtualMachine) []string {
	var names []string
	for _, disk := range hardware(vm).Domain.Devices.Disks {
		if disk.CDRom != nil {
			names = append(names, disk.Name)
		}
	}
	return names
}

func isDrive(vm *kubevirt.VirtualMachine, disk string) bool {
	return slices.Contains(drives(vm), disk)
}

// driveEmpty refuses a drive that is none, or has something in it.
func driveEmpty(vm *kubevirt.VirtualMachine, drive string) error {
	if !isDrive(vm, drive) {
		return capability.Refuse("DeviceName", "The machine has no CD-ROM drive %q. It has: %s.", drive, strings.Join(drives(vm), ", "))
	}
	if volumeOf(vm, drive) != nil {
		return capability.Refuse("DeviceName", "There is something in CD-ROM drive %s. Eject it first.", drive)
	}
	return nil
}

// ejectable is the claim that is in a drive and can be taken out now.
func ejectable(m Machine, drive string) (string, error) {
	if !isDrive(m.VM, drive) {
		return "", capability.Refuse("deviceName", "The machine has no CD-ROM drive %q. It has: %s.", drive, strings.Join(drives(m.VM), ", "))
	}
	volume := volumeOf(m.VM, drive)
	switch {
	case volume == nil:
		return "", capability.Refuse("deviceName", "CD-ROM drive %s is empty.", drive)
	case claim.Of(volume) == "":
		return "", capability.Refuse("deviceName", "What is in CD-ROM drive %s is no volume and stays.", drive)
	case active(m) && !isPlugged(*volume):
		return "", capability.Refuse("deviceName",
			"What is in CD-ROM drive %s was there when the machine was started, and can only be ejected when it is off.", drive)
	default:
		return claim.Of(volume), nil
	}
}

func unlessInsertable(m Machine) string {
	if sentence := unlessChangeable(m); sentence != "" {
		return sentence
	}
	if !slices.ContainsFunc(drives(m.VM), func(drive string) bool { return volumeOf(m.VM, drive) == nil }) {
		return "The machine has no empty CD-ROM drive."
	}
	return ""
}

func unlessEjectable(m Machine) string {
	if sentence := unlessChangeable(m); sentence != "" {
		return sentence
	}
	can := func(drive string) bool { _, err := ejectable(m, drive); return err == nil }
	if !slices.ContainsFunc(drives(m.VM), can) {
		return "The machine has no CD-ROM drive with something in it that could be ejected now."
	}
	return ""
}

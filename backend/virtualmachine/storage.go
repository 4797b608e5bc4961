package virtualmachine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// StorageMigrationInput says which volume is to be moved where.
type StorageMigrationInput struct {
	// SourceVolume is the claim that one of the machine's volumes stands on.
	SourceVolume string `json:"sourceVolume"`
	// TargetVolume is another claim in the machine's namespace, at least as large and used by nobody.
	TargetVolume string `json:"targetVolume"`
}

// move is one volume on its way from a claim to another.
type move struct {
	volume, from, to string
}

// moveVolume has KubeVirt move a volume of a running machine to another claim: the machine names the other claim, and
// that the bytes are to go there with a live migration. The claim template tells what is moved until it has arrived.
func moveVolume(ctx context.Context, caller capability.Caller, m Machine, input StorageMigrationInput) error {
	at, err := sourceOf(m, input.SourceVolume)
	if err != nil {
		return err
	}
	if err := unlessReceiving(ctx, caller.Client, m, input); err != nil {
		return err
	}
	steps := move{m.VM.Spec.Template.Spec.Volumes[at].Name, input.SourceVolume, input.TargetVolume}
	return write(ctx, caller.Client, m.VM, []move{steps}, func(entry map[string]any) { entry["targetVolume"] = input.TargetVolume })
}

// cancelMove puts the claims back that were there before. The machine is looked at once more as the caller: what the
// server has in memory may be a moment old, and a move back after the volume has arrived would be a move of its own.
func cancelMove(ctx context.Context, caller capability.Caller, m Machine) error {
	m, err := again(ctx, caller.Client, m)
	if err != nil {
		return err
	}
	if sentence := unlessVolumesMove(m); sentence != "" {
		return refusal("%s", sentence)
	}
	back := movesOf(m)
	for i := range back {
		back[i].from, back[i].to = back[i].to, back[i].from
	}
	return write(ctx, caller.Client, m.VM, back, func(entry map[string]any) { delete(entry, "targetVolume") })
}

// again is a machine as it is now, with its instance if the caller could see that.
func again(ctx context.Context, caller client.Reader, m Machine) (Machine, error) {
	now := m
	now.VM = &kubevirt.VirtualMachine{}
	if err := caller.Get(ctx, m.key(), now.VM); err != nil {
		return m, err
	}
	if now.VM.UID != m.VM.UID {
		return m, apierrors.NewNotFound(kubevirt.VirtualMachines.GroupResource(), m.VM.Name) // another of its name
	}
	if m.VMI == nil {
		return now, nil
	}
	now.VMI = &kubevirt.VirtualMachineInstance{}
	err := caller.Get(ctx, m.key(), now.VMI)
	if apierrors.IsNotFound(err) {
		now.VMI = nil
		return now, nil
	}
	return now, err
}

// write puts volumes of a machine on other claims as the caller, unless somebody has changed them meanwhile, and changes
// the claim template of each.
func write(ctx context.Context, caller client.Client, vm *kubevirt.VirtualMachine, moves []move, change func(entry map[string]any)) error {
	patch := []map[string]any{
		{"op": "add", "path": "/spec/updateVolumesStrategy", "value": kubevirt.UpdateVolumesMigration},
	}
	for _, m := range moves {
		at := m.in(vm)
		if at < 0 {
			return refusal("%s", overtakenMove)
		}
		path := fmt.Sprintf("/spec/template/spec/volumes/%d/persistentVolumeClaim/claimName", at)
		patch = append(patch, replace(path, m.from, m.to)...)
	}
	was, is, err := retold(vm, moves, change)
	if err != nil {
		return err
	}
	if is != was {
		patch = append(patch, replace("/metadata/annotations/"+pointer(harvesterv1.AnnotationVolumeClaimTemplates), was, is)...)
	}
	body, err := json.Marshal(patch)
	if err != nil {
		return fmt.Errorf("write the move of a volume: %w", err)
	}
	err = caller.Patch(ctx, vm.DeepCopy(), client.RawPatch(types.JSONPatchType, body))
	if apierrors.IsInvalid(err) && changedSince(ctx, caller, vm, moves) {
		return refusal("%s", overtakenMove)
	}
	return err
}

const overtakenMove = "Somebody else has changed the machine's volumes at the same moment. Look at it again."

// in is where among a machine's volumes the one is that stands on the claim it is to leave, -1 when there is none.
func (m move) in(vm *kubevirt.VirtualMachine) int {
	return slices.IndexFunc(hardware(vm).Volumes, func(v kubevirt.Volume) bool {
		return v.Name == m.volume && v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == m.from
	})
}

// replace are the steps of a patch that replace a value, unless it is another by then.
func replace(path, from, to string) []map[string]any {
	return []map[string]any{{"op": "test", "path": path, "value": from}, {"op": "replace", "path": path, "value": to}}
}

// retold are the claim templates of a machine as text, before and after a change of those that move.
func retold(vm *kubevirt.VirtualMachine, moves []move, change func(entry map[string]any)) (was, is string, err error) {
	was = vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]
	if was == "" {
		return "", "", nil
	}
	changed := vm.DeepCopy()
	for _, m := range moves {
		for _, name := range []string{m.from, m.to} {
			if is, err = claim.Changed(changed, name, change); err != nil {
				return "", "", err
			}
			changed.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = is
		}
	}
	return was, is, nil
}

// changedSince says whether somebody else has changed the volumes since the machine was read: see overtaken.
func changedSince(ctx context.Context, caller client.Reader, vm *kubevirt.VirtualMachine, moves []move) bool {
	now := &kubevirt.VirtualMachine{}
	if err := caller.Get(ctx, client.ObjectKeyFromObject(vm), now); err != nil {
		return false
	}
	const templates = harvesterv1.AnnotationVolumeClaimTemplates
	return now.Annotations[templates] != vm.Annotations[templates] ||
		slices.ContainsFunc(moves, func(m move) bool { return m.in(now) < 0 })
}

// sourceOf is where among a machine's volumes the one is that stands on a claim and can be moved.
func sourceOf(m Machine, name string) (int, error) {
	const field = "sourceVolume"
	if name == "" {
		return 0, capability.Refuse(field, "sourceVolume is missing: which volume is to be moved?")
	}
	volumes := hardware(m.VM).Volumes
	at := slices.IndexFunc(volumes, func(v kubevirt.Volume) bool { return claim.Of(&v) == name })
	if at < 0 {
		return 0, capability.Refuse(field, "The machine has no volume %s. It has: %v.", name, claim.Used(m.VM))
	}
	volume := &volumes[at]
	if volume.PersistentVolumeClaim == nil {
		return 0, capability.Refuse(field, "Volume %s comes from a DataVolume of the machine; only a plain claim can be moved.", name)
	}
	if sentence := unlessOneDisk(m, volume); sentence != "" {
		return 0, capability.Refuse(field, "%s", sentence)
	}
	return at, nil
}

// unlessOneDisk says why KubeVirt would not move a volume for the way in which it is plugged in.
func unlessOneDisk(m Machine, volume *kubevirt.Volume) string {
	devices := &m.VM.Spec.Template.Spec.Domain.Devices
	for _, disk := range devices.Disks {
		switch {
		case disk.Name != volume.Name:
		case ptr.Deref(disk.Shareable, false):
			return fmt.Sprintf("Disk %s is shared with other machines, which would not notice the move.", disk.Name)
		case disk.LUN != nil:
			return fmt.Sprintf("Disk %s is passed through as it is (lun), and cannot be moved.", disk.Name)
		}
	}
	for _, filesystem := range devices.Filesystems {
		if filesystem.Name == volume.Name {
			return fmt.Sprintf("File system %s is not a disk, and cannot be moved.", filesystem.Name)
		}
	}
	return ""
}

// unlessReceiving refuses a claim that cannot take the volume.
func unlessReceiving(ctx context.Context, caller client.Reader, m Machine, input StorageMigrationInput) error {
	const field = "targetVolume"
	if input.TargetVolume == "" {
		return capability.Refuse(field, "targetVolume is missing: where is the volume to be moved?")
	}
	if slices.Contains(claim.Named(m.VM), input.TargetVolume) {
		return capability.Refuse(field, "Volume %s is the machine's already.", input.TargetVolume)
	}
	source, target := &corev1.PersistentVolumeClaim{}, &corev1.PersistentVolumeClaim{}
	if err := caller.Get(ctx, client.ObjectKey{Namespace: m.VM.Namespace, Name: input.SourceVolume}, source); err != nil {
		return err
	}
	err := caller.Get(ctx, client.ObjectKey{Namespace: m.VM.Namespace, Name: input.TargetVolume}, target)
	if apierrors.IsNotFound(err) {
		return capability.Refuse(field, "There is no volume %s in namespace %s.", input.TargetVolume, m.VM.Namespace)
	}
	if err != nil {
		return err
	}
	if sentence := unlessFits(source, target); sentence != "" {
		return capability.Refuse(field, "%s", sentence)
	}
	return nil
}

// unlessFits says why a claim cannot take the bytes of another, "" when it can.
func unlessFits(source, target *corev1.PersistentVolumeClaim) string {
	needed, offered := claim.Size(source), claim.Size(target)
	switch users := claim.Machines(target); {
	case target.DeletionTimestamp != nil:
		return fmt.Sprintf("Volume %s is being deleted.", target.Name)
	case target.Annotations[harvesterv1.AnnotationGoldenImage] == "true":
		return fmt.Sprintf("Volume %s holds the bytes of image %s.", target.Name, target.Annotations[harvesterv1.AnnotationImageID])
	case len(users) > 0:
		return fmt.Sprintf("Volume %s is used by %v.", target.Name, users)
	case offered.Cmp(needed) < 0:
		return fmt.Sprintf("Volume %s has %s, volume %s needs %s.", target.Name, offered.String(), source.Name, needed.String())
	default:
		return ""
	}
}

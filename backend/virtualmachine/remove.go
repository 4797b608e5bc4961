package virtualmachine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/kubevirt"
)

// removedClaims is the annotation of a machine with the claims that are deleted with it, separated by commas.
const removedClaims = "harvesterhci.io/removedPersistentVolumeClaims"

// removedDisks is the option of a deletion that names them: ?removedDisks=a&removedDisks=b.
const removedDisks = "removedDisks"

// remove writes down which disks go with a machine that is about to be deleted. The controller deletes them when the
// machine is gone.
func remove(ctx context.Context, caller capability.Caller, m Machine, options capability.Options) error {
	chosen := options[removedDisks]
	if len(chosen) == 0 {
		return nil
	}
	claims := claimsOf(m.VM)
	for _, name := range chosen {
		if !slices.Contains(claims, name) {
			return capability.Refuse(removedDisks, "The machine has no volume %s. It has: %s.", name, strings.Join(claims, ", "))
		}
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"annotations": map[string]string{removedClaims: strings.Join(chosen, ",")},
	}})
	if err != nil {
		return fmt.Errorf("write %s: %w", removedDisks, err)
	}
	return caller.Client.Patch(ctx, m.VM.DeepCopy(), client.RawPatch(types.MergePatchType, patch))
}

// claimsOf are the names of the claims that a machine's volumes come from. The claim of a data volume has its name.
func claimsOf(vm *kubevirt.VirtualMachine) []string {
	if vm.Spec.Template == nil {
		return nil
	}
	var names []string
	for _, volume := range vm.Spec.Template.Spec.Volumes {
		switch {
		case volume.PersistentVolumeClaim != nil:
			names = append(names, volume.PersistentVolumeClaim.ClaimName)
		case volume.DataVolume != nil:
			names = append(names, volume.DataVolume.Name)
		}
	}
	return names
}

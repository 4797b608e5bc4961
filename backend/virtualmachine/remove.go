package virtualmachine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// removedDisks is the option of a deletion that names volumes: ?removedDisks=a&removedDisks=b, or ?removedDisks=a,b. A volume
// is named as the machine calls it, which is what Harvester's page does, or by its claim.
const removedDisks = "removedDisks"

// remove deletes a machine, and writes down before which volumes go with it. The controller deletes those when the
// machine is gone. A choice never outlives the deletion that it was made for: whoever deletes the machine later does not
// know of it.
func remove(
	ctx context.Context, caller capability.Caller, m Machine, options capability.Options, deletion capability.Deletion,
) error {
	chosen, err := disksOf(m.VM, listed(options[removedDisks]))
	if err != nil {
		return err
	}
	if err := choose(ctx, caller.Client, m.VM, chosen); err != nil {
		return err
	}
	err = deletion()
	if err == nil || len(chosen) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetLimit)
	defer cancel()
	return errors.Join(err, client.IgnoreNotFound(choose(ctx, caller.Client, m.VM, nil)))
}

// disksOf are the claims of the volumes that are named. A volume without a claim, such as cloud-init's, goes with the machine
// anyway. A name that is one volume's own and another one's claim is refused: nobody can tell which bytes are meant.
func disksOf(vm *kubevirt.VirtualMachine, names []string) ([]string, error) {
	claims, byName := claim.Used(vm), map[string]string{}
	if vm.Spec.Template != nil {
		for i := range vm.Spec.Template.Spec.Volumes {
			volume := &vm.Spec.Template.Spec.Volumes[i]
			byName[volume.Name] = claim.Of(volume)
		}
	}
	var chosen []string
	add := func(name string) {
		if !slices.Contains(chosen, name) {
			chosen = append(chosen, name)
		}
	}
	for _, name := range names {
		of, isVolume := byName[name]
		isClaim := slices.Contains(claims, name)
		switch {
		case isVolume && isClaim && of != name:
			return nil, capability.Refuse(removedDisks, "%s is the name of a volume and of another volume's claim. Name the claims: %s.", name, strings.Join(claims, ", "))
		case isClaim:
			add(name)
		case isVolume && of != "":
			add(of)
		case !isVolume:
			return nil, capability.Refuse(removedDisks, "The machine has no volume %s. It has: %s.", name, strings.Join(claims, ", "))
		}
	}
	return chosen, nil
}

// listed are the names of a list of lists. No volume has a comma or a space in its name, so a name is never two.
func listed(texts []string) []string {
	var names []string
	for _, text := range texts {
		for name := range strings.SplitSeq(text, ",") {
			if name = strings.TrimSpace(name); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// forgetLimit is how long a choice may take to be forgotten, also when its caller has gone.
const forgetLimit = 10 * time.Second

// choose writes which volumes go with a machine, unless that is written there already.
func choose(ctx context.Context, caller client.Client, vm *kubevirt.VirtualMachine, volumes []string) error {
	var value any
	if len(volumes) > 0 {
		value = strings.Join(volumes, ",")
	} else if _, chosen := vm.Annotations[harvesterv1.AnnotationRemovedClaims]; !chosen {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{harvesterv1.AnnotationRemovedClaims: value},
	}})
	if err != nil {
		return fmt.Errorf("write %s: %w", removedDisks, err)
	}
	return caller.Patch(ctx, vm, client.RawPatch(types.MergePatchType, patch))
}

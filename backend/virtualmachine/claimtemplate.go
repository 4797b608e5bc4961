package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// withoutTemplate does something to a machine when it has forgotten the template of a claim, and has it remember the template
// when that is refused.
func withoutTemplate(ctx context.Context, caller client.Client, m Machine, name string, do func() error) error {
	if _, found := templateOf(m.VM, name); !found {
		return do()
	}
	var before string
	err := amend(ctx, caller, m, func(vm *kubevirt.VirtualMachine) ([]step, error) {
		before = vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]
		return forgotten(vm, name)
	})
	if err != nil {
		return err
	}
	refusal := do()
	if refusal == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetLimit)
	defer cancel()
	return errors.Join(refusal, client.IgnoreNotFound(amend(ctx, caller, m, func(vm *kubevirt.VirtualMachine) ([]step, error) {
		return remembered(vm, name, before)
	})))
}

// templateOf is the template that a machine has of a claim.
func templateOf(vm *kubevirt.VirtualMachine, name string) (claim.Template, bool) {
	templates, err := claim.Templates(vm)
	if err != nil {
		return claim.Template{}, false // the machine says so itself
	}
	at := slices.IndexFunc(templates, func(t claim.Template) bool { return t.Name == name })
	if name == "" || at < 0 {
		return claim.Template{}, false
	}
	return templates[at], true
}

// forgotten takes a claim's template from a machine.
func forgotten(vm *kubevirt.VirtualMachine, name string) ([]step, error) {
	if _, found := templateOf(vm, name); !found {
		return nil, nil
	}
	text, err := claim.Without(vm, name)
	if err != nil {
		return nil, fmt.Errorf("forget the template of volume %s: %w", name, err)
	}
	return listing(vm, text), nil
}

// remembered gives a claim's template back to a machine that had it before, among those that it has by now.
func remembered(vm *kubevirt.VirtualMachine, name, before string) ([]step, error) {
	if _, found := templateOf(vm, name); found {
		return nil, nil
	}
	text, err := claim.Again(vm, name, before)
	if err != nil {
		return nil, fmt.Errorf("remember the template of volume %s: %w", name, err)
	}
	return listing(vm, text), nil
}

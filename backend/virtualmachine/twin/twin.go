package twin

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Wish is which twin somebody wants.
type Wish struct {
	// Name is the twin's.
	Name string
	// RunStrategy is the twin's; "" is the machine's own.
	RunStrategy kubevirt.RunStrategy
	// Suffix makes a few letters that no other name ends with.
	Suffix func() string
}

// Twin is a machine to be made, with what it needs beside it.
type Twin struct {
	// Machine is the machine. Its claim templates ask for copies of the volumes.
	Machine *kubevirt.VirtualMachine
	// Secrets are the names of the secrets to copy, and of their copies.
	Secrets map[string]string
}

// Of is a twin of a machine, whose claims are given by name.
func Of(vm *kubevirt.VirtualMachine, claims map[string]*corev1.PersistentVolumeClaim, wish Wish) (Twin, error) {
	machine := &kubevirt.VirtualMachine{Spec: *vm.Spec.DeepCopy()}
	machine.Namespace, machine.Name = vm.Namespace, wish.Name
	machine.Labels, machine.Annotations = labelsOf(vm.Labels), annotationsOf(vm.Annotations)
	switched(machine, vm, wish.RunStrategy)
	forget(machine)
	two := Twin{Machine: machine, Secrets: map[string]string{}}
	templates, err := volumes(machine, vm, claims, wish)
	if err != nil {
		return two, err
	}
	if len(templates) > 0 {
		text, err := claim.Text(templates)
		if err != nil {
			return two, fmt.Errorf("describe the volumes of %s: %w", wish.Name, err)
		}
		machine.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = text
	}
	if machine.Spec.Template != nil {
		secrets(&machine.Spec.Template.Spec, two.Secrets, wish)
	}
	return two, nil
}

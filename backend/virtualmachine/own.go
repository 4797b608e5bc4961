package virtualmachine

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/kubevirt"
)

// ownedBy makes what is made for a machine go with it.
func ownedBy(vm *kubevirt.VirtualMachine) []metav1.OwnerReference {
	version, kind := kubevirt.VirtualMachineKind.ToAPIVersionAndKind()
	return []metav1.OwnerReference{{APIVersion: version, Kind: kind, Name: vm.Name, UID: vm.UID}}
}

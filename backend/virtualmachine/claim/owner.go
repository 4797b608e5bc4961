package claim

import (
	"encoding/json"
	"slices"

	corev1 "k8s.io/api/core/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// schemaOfMachine is the type that owners are listed under.
const schemaOfMachine = "kubevirt.io.virtualmachine"

// owners are the objects of one type that use a claim, as harvesterhci.io/owned-by lists them.
type owners struct {
	Schema string   `json:"schema"`
	Refs   []string `json:"refs"`
}

func refOf(vm *kubevirt.VirtualMachine) string {
	return vm.Namespace + "/" + vm.Name
}

// readOwners reads the annotation. What cannot be read counts as nothing: the annotation is a controller's to write.
func readOwners(annotation string) []owners {
	var lists []owners
	if json.Unmarshal([]byte(annotation), &lists) != nil {
		return nil
	}
	return lists
}

// machinesOf are the machines that the annotation lists, as namespace/name.
func machinesOf(annotation string) []string {
	for _, list := range readOwners(annotation) {
		if list.Schema == schemaOfMachine {
			return list.Refs
		}
	}
	return nil
}

// refsOf are all owners that the annotation lists, of whatever type.
func refsOf(annotation string) []string {
	var refs []string
	for _, list := range readOwners(annotation) {
		refs = append(refs, list.Refs...)
	}
	return refs
}

// addOwner is the annotation with the machine in it.
func addOwner(annotation, ref string) string {
	return withMachines(annotation, append(slices.Clone(machinesOf(annotation)), ref))
}

// dropOwner is the annotation without the machine, "" when nothing is left of it.
func dropOwner(annotation, ref string) string {
	kept := slices.DeleteFunc(slices.Clone(machinesOf(annotation)), func(r string) bool { return r == ref })
	return withMachines(annotation, kept)
}

func withMachines(annotation string, refs []string) string {
	lists := slices.DeleteFunc(readOwners(annotation), func(list owners) bool { return list.Schema == schemaOfMachine })
	slices.Sort(refs)
	if refs = slices.Compact(refs); len(refs) > 0 {
		lists = append(lists, owners{Schema: schemaOfMachine, Refs: refs})
	}
	if len(lists) == 0 {
		return ""
	}
	text, err := json.Marshal(lists)
	if err != nil {
		return "" // strings always marshal
	}
	return string(text)
}

// Machines are the machines that use a claim, as namespace/name.
func Machines(claim *corev1.PersistentVolumeClaim) []string {
	return slices.Clone(machinesOf(claim.Annotations[harvesterv1.AnnotationOwnedBy]))
}

package virtualmachine

import (
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
)

// Capability is the virtual machines of a site.
var Capability = capability.Capability{
	Name: "virtualmachine",
	Resources: []capability.Resource{
		{
			Kind:    kubevirt.VirtualMachineKind,
			Read:    capability.Reading(read),
			State:   capability.Stating(state),
			Actions: Actions,
			Links:   Links,
			Delete:  capability.Deleting(remove),
			Indexed: []string{"status.printableStatus", "spec.runStrategy", "spec.template.spec.domain.cpu.cores"},
		},
		{Kind: kubevirt.VirtualMachineInstanceKind},
		{Kind: kubevirt.MigrationKind},
	},
	Scheme: runtime.SchemeBuilder{kubevirt.AddToScheme, cdi.AddToScheme, harvesterv1.AddToScheme},
	Watched: []capability.Watched{
		{Object: &kubevirt.VirtualMachineInstance{}},
		{Object: &kubevirt.Migration{}, Index: map[string]client.IndexerFunc{migratedMachine: machineOf}},
		{Object: &corev1.Node{}},
		{Object: &storagev1.StorageClass{}},
	},
}

// migratedMachine is the index of migrations by the machine that they move.
const migratedMachine = "spec.vmiName"

func machineOf(migration client.Object) []string {
	return []string{migration.(*kubevirt.Migration).Spec.VMIName}
}

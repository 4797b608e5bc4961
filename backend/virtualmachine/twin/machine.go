package twin

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// labelMachineName is the label of a machine's instance with the machine's name.
const labelMachineName = "harvesterhci.io/vmName"

// ownLabels are of one machine alone: what makes it a node of a guest cluster, and where it is to come back to.
var ownLabels = []string{
	"harvesterhci.io/machineSetName",
	"harvesterhci.io/maintain-mode-strategy-node-name",
	"guestcluster.harvesterhci.io/",
	"nodepool.harvesterhci.io/",
}

// ownAnnotations tell what has happened to one machine, or what is promised to it alone. Those that end with a slash
// stand for all that begin so.
var ownAnnotations = []string{
	harvesterv1.AnnotationVolumeClaimTemplates, // written anew
	harvesterv1.AnnotationRemovedClaims,
	harvesterv1.AnnotationClaimProblem,
	harvesterv1.AnnotationRunStrategy,
	harvesterv1.AnnotationMACAddress,
	harvesterv1.AnnotationInsufficientQuota,
	"harvesterhci.io/removeAllPersistentVolumeClaims",
	"harvesterhci.io/deviceAllocationDetails",
	"harvesterhci.io/maintain-mode-strategy-node-name",
	"restore.harvesterhci.io/",
	"backup.harvesterhci.io/",
	"static-ip.harvesterhci.io/",
	"kubevirt.io/latest-observed-api-version",
	"kubevirt.io/storage-observed-api-version",
	"kubectl.kubernetes.io/last-applied-configuration",
}

// without is a map without the keys of a list.
func without(from map[string]string, keys []string) map[string]string {
	rest := map[string]string{}
	maps.Copy(rest, from)
	maps.DeleteFunc(rest, func(key, _ string) bool {
		return slices.ContainsFunc(keys, func(own string) bool {
			return key == own || strings.HasSuffix(own, "/") && strings.HasPrefix(key, own)
		})
	})
	return rest
}

func labelsOf(labels map[string]string) map[string]string { return without(labels, ownLabels) }

func annotationsOf(annotations map[string]string) map[string]string {
	return without(annotations, ownAnnotations)
}

// switched gives the twin its run strategy. One that is off remembers how its machine runs, for the day it is started.
func switched(twin, vm *kubevirt.VirtualMachine, wished kubevirt.RunStrategy) {
	own := kubevirt.StrategyOf(vm)
	if wished == "" {
		wished = own
	}
	twin.Spec.Running, twin.Spec.RunStrategy = nil, ptr.To(wished)
	if wished != kubevirt.RunStrategyHalted {
		return
	}
	remembered := string(own)
	if own == kubevirt.RunStrategyHalted {
		remembered = vm.Annotations[harvesterv1.AnnotationRunStrategy]
	}
	if remembered != "" {
		twin.Annotations[harvesterv1.AnnotationRunStrategy] = remembered
	}
}

// forget takes out of the twin's hardware what identifies the machine that it was taken from: the guest is to find
// itself on another one.
func forget(twin *kubevirt.VirtualMachine) {
	spec := &twin.Spec
	spec.DataVolumeTemplates, spec.UpdateVolumesStrategy = nil, nil
	if spec.Instancetype != nil {
		spec.Instancetype.RevisionName = "" // it goes with the machine that it was written for
	}
	if spec.Preference != nil {
		spec.Preference.RevisionName = ""
	}
	if spec.Template == nil {
		return
	}
	template := spec.Template
	template.ObjectMeta.Labels = labelsOf(template.ObjectMeta.Labels)
	template.ObjectMeta.Labels[labelMachineName] = twin.Name
	template.ObjectMeta.Annotations = annotationsOf(template.ObjectMeta.Annotations)
	if template.Spec.Hostname != "" {
		template.Spec.Hostname = twin.Name
	}
	domain := &template.Spec.Domain
	if domain.Firmware != nil {
		domain.Firmware.UUID, domain.Firmware.Serial = "", ""
	}
	if domain.Chassis != nil {
		domain.Chassis.Serial = ""
	}
	for i := range domain.Devices.Interfaces {
		domain.Devices.Interfaces[i].MacAddress = ""
	}
}

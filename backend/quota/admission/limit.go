package admission

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// machinesNamed refuses a limit for what can be no machine's name. That the machine is there is not asked: a limit may
// come before it.
func machinesNamed(r admission.Request[*harvesterv1.ResourceQuota]) field.ErrorList {
	path := field.NewPath("spec", "snapshotLimit", "vmTotalSnapshotSizeQuota")
	var wrong field.ErrorList
	for _, machine := range slices.Sorted(maps.Keys(r.Object.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota)) {
		if problems := validation.IsDNS1123Label(machine); len(problems) > 0 {
			wrong = append(wrong, field.Invalid(path.Key(machine), machine, "is no name of a machine: "+strings.Join(problems, "; ")))
		}
	}
	return wrong
}

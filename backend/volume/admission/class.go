package admission

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// classUsable refuses the classes that the site keeps for itself: KubeVirt makes the states of machines of one, and
// Longhorn binds what is there already to the other.
func (s site) classUsable(r request) field.ErrorList {
	class := ptr.Deref(r.Object.Spec.StorageClassName, "")
	reserved := class == harvesterv1.ClassLonghornStatic || class == harvesterv1.ClassMachineState
	if !reserved || r.Old != nil || s.isAgent(r) {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec", "storageClassName"),
		fmt.Sprintf("storage class %s is reserved for the site itself; choose another", class))}
}

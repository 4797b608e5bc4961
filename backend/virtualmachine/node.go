package virtualmachine

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"crofthci.io/croft/pkg/kubevirt"
)

// fits says whether a machine could run on a node as far as labels, taints, health, devices and the node's size tell.
// Whether there is room among the others is the scheduler's to say, when it comes to it.
func fits(vmi *kubevirt.VirtualMachineInstance, node *corev1.Node) bool {
	return healthy(node) &&
		labels.SelectorFromSet(vmi.Spec.NodeSelector).Matches(labels.Set(node.Labels)) &&
		tolerated(vmi.Spec.Tolerations, node.Spec.Taints) &&
		attracted(vmi.Spec.Affinity, node) &&
		holds(vmi, node)
}

// holds says whether a node has the devices that a machine asks for, and as much processor and memory. A node that does
// not say how much it has is believed.
func holds(vmi *kubevirt.VirtualMachineInstance, node *corev1.Node) bool {
	asked := corev1.ResourceList{}
	maps.Copy(asked, vmi.Spec.Domain.Resources.Requests)
	for _, device := range kubevirt.DevicesOf(vmi) {
		number := asked[device]
		number.Add(*resource.NewQuantity(1, resource.DecimalSI))
		asked[device] = number
	}
	for name, number := range asked {
		there, said := node.Status.Allocatable[name]
		if said && there.Cmp(number) < 0 {
			return false
		}
		if !said && name != corev1.ResourceCPU && name != corev1.ResourceMemory {
			return false
		}
	}
	return true
}

// healthy says whether a node takes machines now.
func healthy(node *corev1.Node) bool {
	if node.Spec.Unschedulable || node.DeletionTimestamp != nil || node.Labels[kubevirt.NodeSchedulable] != "true" {
		return false
	}
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// tolerated says whether a machine bears all taints that would keep it from a node.
func tolerated(tolerations []corev1.Toleration, taints []corev1.Taint) bool {
	for i := range taints {
		if taints[i].Effect == corev1.TaintEffectPreferNoSchedule {
			continue
		}
		if !slices.ContainsFunc(tolerations, func(t corev1.Toleration) bool { return tolerates(t, taints[i]) }) {
			return false
		}
	}
	return true
}

func tolerates(t corev1.Toleration, taint corev1.Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect {
		return false
	}
	if t.Key != "" && t.Key != taint.Key {
		return false
	}
	if t.Operator == corev1.TolerationOpExists {
		return true
	}
	return t.Key != "" && t.Value == taint.Value
}

// attracted says whether a node satisfies the required node affinity of a machine: any of its terms.
func attracted(affinity *corev1.Affinity, node *corev1.Node) bool {
	if affinity == nil || affinity.NodeAffinity == nil ||
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return true
	}
	terms := affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
	return slices.ContainsFunc(terms, func(term corev1.NodeSelectorTerm) bool {
		if len(term.MatchExpressions) == 0 && len(term.MatchFields) == 0 {
			return false // an empty term matches nothing
		}
		return satisfies(term.MatchExpressions, labels.Set(node.Labels)) &&
			satisfies(term.MatchFields, labels.Set{"metadata.name": node.Name})
	})
}

// operators are the operators of a node selector among those of a label selector.
var operators = map[corev1.NodeSelectorOperator]selection.Operator{
	corev1.NodeSelectorOpIn:           selection.In,
	corev1.NodeSelectorOpNotIn:        selection.NotIn,
	corev1.NodeSelectorOpExists:       selection.Exists,
	corev1.NodeSelectorOpDoesNotExist: selection.DoesNotExist,
	corev1.NodeSelectorOpGt:           selection.GreaterThan,
	corev1.NodeSelectorOpLt:           selection.LessThan,
}

// satisfies says whether a set has all that is required of it. A requirement that cannot be understood is not
// satisfied: the scheduler would refuse it too.
func satisfies(required []corev1.NodeSelectorRequirement, set labels.Set) bool {
	for _, r := range required {
		requirement, err := labels.NewRequirement(r.Key, operators[r.Operator], r.Values)
		if err != nil || !requirement.Matches(set) {
			return false
		}
	}
	return true
}

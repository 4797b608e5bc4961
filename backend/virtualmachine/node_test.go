package virtualmachine

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/kubevirt"
)

func TestFits(t *testing.T) {
	gpu := corev1.Taint{Key: "gpu", Value: "yes", Effect: corev1.TaintEffectNoSchedule}
	cases := map[string]struct {
		reason string
		node   func(*corev1.Node)
		spec   kubevirt.VirtualMachineInstanceSpec
		want   bool
	}{
		"Healthy":    {"a node like any", nil, kubevirt.VirtualMachineInstanceSpec{}, true},
		"NotReady":   {"a node that is lost", func(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionUnknown }, kubevirt.VirtualMachineInstanceSpec{}, false},
		"Cordoned":   {"a node in maintenance", func(n *corev1.Node) { n.Spec.Unschedulable = true }, kubevirt.VirtualMachineInstanceSpec{}, false},
		"NoHandler":  {"a node without virt-handler", func(n *corev1.Node) { delete(n.Labels, kubevirt.NodeSchedulable) }, kubevirt.VirtualMachineInstanceSpec{}, false},
		"Selected":   {"the label that the machine asks for", nil, kubevirt.VirtualMachineInstanceSpec{NodeSelector: map[string]string{"zone": "north"}}, true},
		"Unselected": {"another label", nil, kubevirt.VirtualMachineInstanceSpec{NodeSelector: map[string]string{"zone": "south"}}, false},
		"Tainted":    {"a node for others", tainted(gpu), kubevirt.VirtualMachineInstanceSpec{}, false},
		"Preferred":  {"a taint that only prefers", tainted(corev1.Taint{Key: "gpu", Effect: corev1.TaintEffectPreferNoSchedule}), kubevirt.VirtualMachineInstanceSpec{}, true},
		"Tolerated":  {"a machine for that node", tainted(gpu), kubevirt.VirtualMachineInstanceSpec{Tolerations: []corev1.Toleration{{Key: "gpu", Value: "yes"}}}, true},
		"OtherValue": {"a machine for another node", tainted(gpu), kubevirt.VirtualMachineInstanceSpec{Tolerations: []corev1.Toleration{{Key: "gpu", Value: "no"}}}, false},
		"AllBorne":   {"a machine that bears everything", tainted(gpu), kubevirt.VirtualMachineInstanceSpec{Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}}}, true},
		"OtherWay":   {"borne, but not that effect", tainted(gpu), kubevirt.VirtualMachineInstanceSpec{Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}}}, false},
		"Attracted":  {"an expression that holds", nil, needs(requirement("zone", corev1.NodeSelectorOpIn, "north", "east")), true},
		"Repelled":   {"an expression that does not", nil, needs(requirement("zone", corev1.NodeSelectorOpNotIn, "north")), false},
		"More":       {"numbers are compared", nil, needs(requirement("cores", corev1.NodeSelectorOpGt, "7")), true},
		"Nonsense":   {"what cannot be understood does not hold", nil, needs(requirement("zone", "Near", "north")), false},
		"Large":      {"a node that is large enough", allocatable("8Gi"), asks("4Gi"), true},
		"Small":      {"a node that could never hold it", allocatable("2Gi"), asks("4Gi"), false},
		"Silent":     {"a node that does not say its size is believed", nil, asks("4Gi"), true},
		"NoDevice":   {"a node without the machine's GPU", nil, withGPUs(1), false},
		"Device":     {"a node with it", func(n *corev1.Node) { n.Status.Allocatable = corev1.ResourceList{gpuName: resource.MustParse("1")} }, withGPUs(1), true},
		"FewDevices": {"a node with one of two", func(n *corev1.Node) { n.Status.Allocatable = corev1.ResourceList{gpuName: resource.MustParse("1")} }, withGPUs(2), false},
		"EmptyTerm":  {"an empty term matches nothing", nil, needs(), false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "b", Labels: map[string]string{
				kubevirt.NodeSchedulable: "true", "zone": "north", "cores": "8",
			}}}
			node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
			if tc.node != nil {
				tc.node(node)
			}
			if got := fits(&kubevirt.VirtualMachineInstance{Spec: tc.spec}, node); got != tc.want {
				t.Errorf("%s: %v", tc.reason, got)
			}
		})
	}
}

func tainted(taint corev1.Taint) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{taint} }
}

func requirement(key string, operator corev1.NodeSelectorOperator, values ...string) corev1.NodeSelectorRequirement {
	return corev1.NodeSelectorRequirement{Key: key, Operator: operator, Values: values}
}

func needs(requirements ...corev1.NodeSelectorRequirement) kubevirt.VirtualMachineInstanceSpec {
	return kubevirt.VirtualMachineInstanceSpec{Affinity: &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: requirements}},
		},
	}}}
}

func allocatable(memory string) func(*corev1.Node) {
	return func(n *corev1.Node) {
		n.Status.Allocatable = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)}
	}
}

func asks(memory string) kubevirt.VirtualMachineInstanceSpec {
	spec := kubevirt.VirtualMachineInstanceSpec{}
	spec.Domain.Resources.Requests = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)}
	return spec
}

// gpuName is the resource of a GPU.
const gpuName = "nvidia.com/TU104GL_TESLA_T4"

func withGPUs(number int) kubevirt.VirtualMachineInstanceSpec {
	spec := kubevirt.VirtualMachineInstanceSpec{}
	for range number {
		spec.Domain.Devices.GPUs = append(spec.Domain.Devices.GPUs, kubevirt.GPU{DeviceName: gpuName})
	}
	return spec
}

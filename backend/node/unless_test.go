package node

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// a is a node that is well, and what is changed of it.
func a(name string, changes ...func(*Node)) Node {
	n := Node{Node: &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{}, Annotations: map[string]string{}}}}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	for _, change := range changes {
		change(&n)
	}
	return n
}

func cordoned(n *Node) { n.Spec.Unschedulable = true }
func last(n *Node)     { n.Last = true }
func witness(n *Node)  { n.Labels[harvesterv1.LabelWitness] = "" }
func pinning(n *Node)  { n.Labels[kubevirt.CPUManagerLabel] = "true" }
func entering(n *Node) {
	n.Spec.Unschedulable = true
	n.Annotations[harvesterv1.AnnotationMaintainStatus] = harvesterv1.MaintenanceRunning
}
func stuck(n *Node) {
	entering(n)
	n.Annotations[harvesterv1.AnnotationMaintainProblem] = "default/web stays."
}
func maintained(n *Node) {
	entering(n)
	n.Annotations[harvesterv1.AnnotationMaintainStatus] = harvesterv1.MaintenanceCompleted
}
func lost(n *Node) {
	n.Status.Conditions[0].Status, n.Status.Conditions[0].Message = corev1.ConditionUnknown, "It says nothing any more."
}
func silent(n *Node) { n.Status.Conditions = nil }

// every lists the actions that can be done in a state; all others say why not.
func TestActionsByState(t *testing.T) {
	cases := map[string]struct {
		reason string
		node   Node
		can    []string
	}{
		"Active":     {"a node in service", a("a"), []string{"cordon", "maintenancePossible", "listUnhealthyVM", "enableMaintenanceMode", "powerActionPossible"}},
		"Cordoned":   {"a cordoned node can still be emptied", a("a", cordoned), []string{"uncordon", "maintenancePossible", "listUnhealthyVM", "enableMaintenanceMode", "powerActionPossible"}},
		"Last":       {"somebody must take machines", a("a", last), []string{"maintenancePossible", "listUnhealthyVM", "powerActionPossible"}},
		"Entering":   {"it is under way, and can be given up", a("a", entering), []string{"maintenancePossible", "listUnhealthyVM", "disableMaintenanceMode", "powerActionPossible"}},
		"Stuck":      {"with force, it can go on", a("a", stuck), []string{"maintenancePossible", "listUnhealthyVM", "enableMaintenanceMode", "disableMaintenanceMode", "powerActionPossible"}},
		"Maintained": {"it can end", a("a", maintained), []string{"maintenancePossible", "listUnhealthyVM", "disableMaintenanceMode", "powerActionPossible"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var can []string
			for _, action := range Actions {
				if action.Unless(tc.node) == "" {
					can = append(can, action.Name)
				}
			}
			if diff := cmp.Diff(tc.can, can); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestCPUManager(t *testing.T) {
	byHand := func(policy string) string {
		return "Croft does not change the kubelet of a node. Set cpuManagerPolicy: " + policy + " in the configuration of the kubelet " +
			"of node a, remove its cpu_manager_state file and restart it, by the means of your Kubernetes distribution."
	}
	cases := map[string]struct {
		reason string
		ask    func(Node) string
		node   Node
		want   string
	}{
		"Enable":     {"the sentence says what to do", unlessPinnable, a("a"), byHand("static")},
		"Enabled":    {"what is done is said first", unlessPinnable, a("a", pinning), "The node already lets machines have processors for themselves."},
		"Witness":    {"a witness runs no machines", unlessPinnable, a("a", witness), "The node is a witness and runs no machines."},
		"Disable":    {"likewise back", unlessUnpinnable, a("a", pinning), byHand("none") + " Stop the machines on it that have processors for themselves first."},
		"NotEnabled": {"nothing to take back", unlessUnpinnable, a("a"), "The node already has machines share its processors."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.ask(tc.node); got != tc.want {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

func TestState(t *testing.T) {
	cases := map[string]struct {
		reason string
		node   Node
		want   capability.State
	}{
		"Active":     {"all is well", a("a"), capability.State{Name: "Active"}},
		"Cordoned":   {"nothing comes", a("a", cordoned), capability.State{Name: "Cordoned"}},
		"Entering":   {"it passes by itself", a("a", entering), capability.State{Name: "Entering Maintenance", Transitioning: true}},
		"Stuck":      {"unless a machine stays", a("a", stuck), capability.State{Name: "Entering Maintenance", Transitioning: true, Error: true, Message: "default/web stays."}},
		"Maintained": {"the node is empty", a("a", maintained), capability.State{Name: "Maintenance"}},
		"Lost":       {"whatever it was meant to be, it is gone", a("a", maintained, lost), capability.State{Name: "NotReady", Error: true, Message: "It says nothing any more."}},
		"New":        {"it has not come yet", a("a", silent), capability.State{Name: "NotReady", Error: true, Message: "The node has not said yet that it is ready."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, state(tc.node)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestLast(t *testing.T) {
	cases := map[string]struct {
		reason string
		others []Node
		want   bool
	}{
		"Alone":    {"itself does not count", nil, true},
		"Another":  {"one that is well is enough", []Node{a("b", cordoned), a("c")}, false},
		"Cordoned": {"one that is cordoned takes nothing", []Node{a("b", cordoned)}, true},
		"Lost":     {"nor one that is not there", []Node{a("b", lost)}, true},
		"Witness":  {"nor one that is there for the quorum alone", []Node{a("b", witness)}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			all := []corev1.Node{*a("a").Node}
			for _, other := range tc.others {
				all = append(all, *other.Node)
			}
			if got := Last("a", all); got != tc.want {
				t.Errorf("%s: want %t, got %t", tc.reason, tc.want, got)
			}
		})
	}
}

func TestFree(t *testing.T) {
	n := a("a")
	n.Status.Allocatable = corev1.ResourceList{
		"cpu": resource.MustParse("4"), "hugepages-2Mi": resource.MustParse("0"), "devices.kubevirt.io/kvm": resource.MustParse("1k"),
		"nvidia.com/T4": resource.MustParse("2"), "intel.com/QAT": resource.MustParse("1"), "attachable.kubernetes.io/x": resource.MustParse("1"),
	}
	on, off := kubevirt.VirtualMachineInstance{}, kubevirt.VirtualMachineInstance{}
	on.Spec.Domain.Devices.GPUs = []kubevirt.GPU{{DeviceName: "nvidia.com/T4"}, {DeviceName: "gone.com/X"}}
	off.Spec.Domain.Devices.GPUs = on.Spec.Domain.Devices.GPUs
	on.Status.Phase, off.Status.Phase = kubevirt.PhaseRunning, kubevirt.PhaseSucceeded
	got := free([]corev1.Node{*n.Node}, []kubevirt.VirtualMachineInstance{on, off})
	want := map[string]int64{"nvidia.com/T4": 1, "intel.com/QAT": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what runs takes a device, what has ended gives it back: -want +got:\n%s", diff)
	}
}

func TestTypesOf(t *testing.T) {
	var all []corev1.Node
	for _, arch := range []string{"arm64", "amd64", "amd64", ""} {
		all = append(all, corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{corev1.LabelArchStable: arch}}})
	}
	if diff := cmp.Diff([]string{"q35", "virt"}, typesOf(all)); diff != "" {
		t.Errorf("one type for each architecture there is: -want +got:\n%s", diff)
	}
}

// member is a node of the control plane.
func member(n *Node) { n.Labels[controlPlane] = "true" }

func TestKept(t *testing.T) {
	cases := map[string]struct {
		reason string
		all    []Node
		kept   bool
	}{
		"Worker":   {"who keeps nothing alive may go", []Node{a("a"), a("b", member, entering), a("c", member), a("d", member)}, false},
		"Three":    {"one of three may go", []Node{a("a", member), a("b", member), a("c", member)}, false},
		"Second":   {"a second one may not", []Node{a("a", member), a("b", member, maintained), a("c", member)}, true},
		"Entering": {"nor while the first is on its way", []Node{a("a", member), a("b", member, entering), a("c", member)}, true},
		"Lost":     {"nor while another is lost", []Node{a("a", member), a("b", member, lost), a("c", member)}, true},
		"Five":     {"two of five may go", []Node{a("a", member), a("b", member, maintained), a("c", member), a("d", member), a("e", member)}, false},
		"Two":      {"of two, either stops the other", []Node{a("a", member), a("b", member)}, false},
		"One":      {"who has one control plane knows it", []Node{a("a", member), a("b")}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var all []corev1.Node
			for _, n := range tc.all {
				all = append(all, *n.Node)
			}
			n := tc.all[0]
			n.Kept = Kept(n.Node, all)
			if (n.Kept != "") != tc.kept || unlessInService(n) != n.Kept {
				t.Errorf("%s: got %q, and to a maintenance %q", tc.reason, n.Kept, unlessInService(n))
			}
		})
	}
}

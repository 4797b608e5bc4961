package maintain_test

import (
	"os"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/node/maintain"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api,
		manager.Open(kubevirt.VirtualMachineKind, true), manager.Open(kubevirt.VirtualMachineInstanceKind, false),
		manager.Open(kubevirt.MigrationKind, false)))
}

func start(t *testing.T) *manager.Cluster {
	t.Helper()
	return manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return maintain.New(to).SetUp(to) },
	})
}

// machine makes a machine that runs on a node, with a maintenance strategy.
func machine(c *manager.Cluster, name, node, strategy string) (*kubevirt.VirtualMachine, *kubevirt.VirtualMachineInstance) {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	if strategy != "" {
		vm.Labels = map[string]string{harvesterv1.LabelMaintenanceStrategy: strategy}
	}
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyAlways)
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	c.Make(vm)
	return vm, run(c, vm, node)
}

func run(c *manager.Cluster, vm *kubevirt.VirtualMachine, node string) *kubevirt.VirtualMachineInstance {
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{
		Namespace: vm.Namespace, Name: vm.Name, Labels: map[string]string{kubevirt.NodeNameLabel: node},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(vm, kubevirt.VirtualMachineKind)},
	}}
	vmi.Status.Phase, vmi.Status.NodeName = kubevirt.PhaseRunning, node
	vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{
		{Type: kubevirt.InstanceLiveMigratable, Status: corev1.ConditionTrue},
	}
	c.Make(vmi)
	return vmi
}

func node(c *manager.Cluster, name string) *corev1.Node {
	made := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	c.Make(made)
	return made
}

func enable(node *corev1.Node) {
	node.Annotations = map[string]string{harvesterv1.AnnotationMaintainStatus: harvesterv1.MaintenanceRunning}
}

func disable(node *corev1.Node) {
	delete(node.Annotations, harvesterv1.AnnotationMaintainStatus)
	node.Spec.Unschedulable = false
}

func hasTaint(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool {
		return t.Key == "kubevirt.io/drain" && t.Effect == corev1.TaintEffectNoSchedule
	})
}

func status(want string) func(*corev1.Node) bool {
	return func(n *corev1.Node) bool { return n.Annotations[harvesterv1.AnnotationMaintainStatus] == want }
}

func strategy(want kubevirt.RunStrategy) func(*kubevirt.VirtualMachine) bool {
	return func(vm *kubevirt.VirtualMachine) bool { return kubevirt.StrategyOf(vm) == want }
}

// moved plays what KubeVirt does when a machine has come to another node.
func moved(c *manager.Cluster, vmi *kubevirt.VirtualMachineInstance, to string) {
	manager.Change(c, vmi, func(v *kubevirt.VirtualMachineInstance) {
		v.Labels[kubevirt.NodeNameLabel], v.Status.NodeName = to, to
	})
}

func migrations(c *manager.Cluster, machine string) []kubevirt.Migration {
	c.T.Helper()
	list := &kubevirt.MigrationList{}
	if err := c.List(c.T.Context(), list, client.InNamespace("default")); err != nil {
		c.T.Fatal(err)
	}
	return slices.DeleteFunc(list.Items, func(m kubevirt.Migration) bool { return m.Spec.VMIName != machine })
}

func TestMachinesLeave(t *testing.T) {
	c := start(t)
	n := node(c, "leaves")
	_, plain := machine(c, "plain", n.Name, "")
	off, offRun := machine(c, "off", n.Name, harvesterv1.MaintenanceShutdown)
	elsewhere, elsewhereRun := machine(c, "elsewhere", n.Name, harvesterv1.MaintenanceRestartElsewhere)
	after, afterRun := machine(c, "after", n.Name, harvesterv1.MaintenanceRestartAfter)
	manager.Change(c, n, enable)
	manager.Until(c, n, "be shut", func(n *corev1.Node) bool { return n.Spec.Unschedulable && hasTaint(n) })

	for _, vm := range []*kubevirt.VirtualMachine{off, elsewhere, after} {
		manager.Until(c, vm, "be shut down", strategy(kubevirt.RunStrategyHalted))
		if vm.Annotations[harvesterv1.AnnotationRunStrategy] != "Always" {
			t.Errorf("%s remembers how it ran: %v", vm.Name, vm.Annotations)
		}
	}
	if off.Labels[harvesterv1.LabelMaintenanceNode] != "" || after.Labels[harvesterv1.LabelMaintenanceNode] != n.Name {
		t.Errorf("who is started again says for which node: %v, %v", off.Labels, after.Labels)
	}
	for _, vmi := range []*kubevirt.VirtualMachineInstance{offRun, elsewhereRun, afterRun} {
		if err := c.Delete(t.Context(), vmi); err != nil {
			t.Fatal(err)
		}
	}
	manager.Until(c, elsewhere, "be started elsewhere", func(vm *kubevirt.VirtualMachine) bool {
		return strategy(kubevirt.RunStrategyAlways)(vm) && vm.Labels[harvesterv1.LabelMaintenanceNode] == ""
	})
	made := migrations(c, "plain")
	if len(made) != 1 {
		t.Fatalf("one migration moves the machine: %v", made)
	}
	c.RemoveLater(&made[0])
	manager.Until(c, n, "wait for the machine that moves", status(harvesterv1.MaintenanceRunning))
	moved(c, plain, "other")
	manager.Until(c, n, "be empty", status(harvesterv1.MaintenanceCompleted))
	manager.Until(c, after, "stay off", strategy(kubevirt.RunStrategyHalted))

	manager.Change(c, n, disable)
	manager.Until(c, n, "take machines again", func(n *corev1.Node) bool { return !n.Spec.Unschedulable && !hasTaint(n) })
	manager.Until(c, after, "be started again", func(vm *kubevirt.VirtualMachine) bool {
		return strategy(kubevirt.RunStrategyAlways)(vm) && vm.Labels[harvesterv1.LabelMaintenanceNode] == ""
	})
	manager.Until(c, off, "stay off", strategy(kubevirt.RunStrategyHalted))
}

func TestAMachineThatCannotMove(t *testing.T) {
	c := start(t)
	n := node(c, "stuck")
	vm, vmi := machine(c, "fixed", n.Name, "")
	manager.Change(c, vmi, func(v *kubevirt.VirtualMachineInstance) {
		v.Status.Conditions[0].Status, v.Status.Conditions[0].Message = corev1.ConditionFalse, "it has a device of the host"
	})
	manager.Change(c, n, enable)
	want := "default/fixed cannot be migrated: it has a device of the host. Shut them down, or enable the maintenance mode with force."
	manager.Until(c, n, "name the machine", func(n *corev1.Node) bool { return n.Annotations[harvesterv1.AnnotationMaintainProblem] == want })
	manager.Until(c, vm, "run on", strategy(kubevirt.RunStrategyAlways))

	manager.Change(c, n, func(n *corev1.Node) { n.Annotations[harvesterv1.AnnotationDrainForced] = "true" })
	manager.Until(c, vm, "be shut down", strategy(kubevirt.RunStrategyHalted))
	if err := c.Delete(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	manager.Until(c, n, "be empty", func(n *corev1.Node) bool {
		return status(harvesterv1.MaintenanceCompleted)(n) && n.Annotations[harvesterv1.AnnotationMaintainProblem] == ""
	})
}

func TestATaintOfSomebodyElse(t *testing.T) {
	c := start(t)
	n := node(c, "marked")
	manager.Change(c, n, func(n *corev1.Node) {
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "kubevirt.io/drain", Value: "mine", Effect: corev1.TaintEffectNoSchedule})
	})
	manager.Change(c, n, enable)
	manager.Until(c, n, "be empty", status(harvesterv1.MaintenanceCompleted))
	manager.Change(c, n, func(n *corev1.Node) { n.Annotations[harvesterv1.AnnotationDrainForced] = "true" })
	manager.Change(c, n, disable)
	manager.Until(c, n, "be let go", func(n *corev1.Node) bool { return n.Annotations[harvesterv1.AnnotationDrainForced] == "" })
	if !hasTaint(n) {
		t.Error("a taint that somebody has put on the node by hand stays")
	}
}

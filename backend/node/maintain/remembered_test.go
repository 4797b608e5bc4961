package maintain_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/node/maintain"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
)

// there is a client of a site where some objects are.
func there(t *testing.T, objects ...client.Object) client.WithWatch {
	t.Helper()
	kinds := runtime.NewScheme()
	builder := runtime.SchemeBuilder{scheme.AddToScheme, harvesterv1.AddToScheme, kubevirt.AddToScheme}
	if err := builder.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(kinds).WithObjects(objects...).
		WithIndex(&kubevirt.VirtualMachine{}, "maintenanceNode", func(o client.Object) []string {
			return []string{o.GetLabels()[harvesterv1.LabelMaintenanceNode]}
		}).Build()
}

// looked has a controller look at node n once, through a client that is behind.
func looked(t *testing.T, old, live client.Client) {
	t.Helper()
	c := &maintain.Controller{Client: old, Live: live, Events: events.NewFakeRecorder(8), Now: time.Now}
	if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "n"}}); err != nil {
		t.Fatal(err)
	}
}

// shutDown is a machine that waits for the end of node n's maintenance.
func shutDown() *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "web", Labels: map[string]string{harvesterv1.LabelMaintenanceNode: "n"},
		Annotations: map[string]string{harvesterv1.AnnotationRunStrategy: "Always"},
	}}
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyHalted)
	return vm
}

// TestMaintenanceUnheardOf starts no machine of a node of whose maintenance the cache has not heard.
func TestMaintenanceUnheardOf(t *testing.T) {
	inMaintenance := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	enable(inMaintenance)
	cases := map[string]struct {
		reason string
		now    []client.Object
		want   kubevirt.RunStrategy
	}{
		"Begun": {"it would be started while it goes on", []client.Object{inMaintenance}, kubevirt.RunStrategyHalted},
		"Ended": {"what has ended is over", []client.Object{&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}}, kubevirt.RunStrategyAlways},
		"Gone":  {"a node that is gone is in no maintenance", nil, kubevirt.RunStrategyAlways},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			vm := shutDown()
			live := there(t, append(tc.now, vm)...)
			looked(t, behind.Remembers(live, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}), live)
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(vm), vm); err != nil {
				t.Fatal(err)
			}
			if got := kubevirt.StrategyOf(vm); got != tc.want {
				t.Errorf("%s: %s", tc.reason, got)
			}
		})
	}
}

// TestRunNotEnded starts a machine only when KubeVirt itself knows that its last run is over.
func TestRunNotEnded(t *testing.T) {
	cases := map[string]struct {
		reason string
		status kubevirt.VirtualMachineStatus
		want   kubevirt.RunStrategy
	}{
		"Created": {"KubeVirt still knows of a run", kubevirt.VirtualMachineStatus{Created: true, RunStrategy: kubevirt.RunStrategyHalted}, kubevirt.RunStrategyHalted},
		"Unheard": {"KubeVirt has not seen that the machine is halted", kubevirt.VirtualMachineStatus{RunStrategy: kubevirt.RunStrategyAlways}, kubevirt.RunStrategyHalted},
		"Over":    {"the run is over", kubevirt.VirtualMachineStatus{RunStrategy: kubevirt.RunStrategyHalted}, kubevirt.RunStrategyAlways},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			vm := shutDown()
			vm.Status = tc.status
			live := there(t, vm, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}})
			looked(t, live, live)
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(vm), vm); err != nil {
				t.Fatal(err)
			}
			if got := kubevirt.StrategyOf(vm); got != tc.want {
				t.Errorf("%s: %s", tc.reason, got)
			}
		})
	}
}

// TestMachineUnheardOf shuts a machine down that the cache does not know, rather than delete its run as one of no machine.
func TestMachineUnheardOf(t *testing.T) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	enable(node)
	node.Annotations[harvesterv1.AnnotationDrainForced] = "true"
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "web"}}
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyAlways)
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "web", Labels: map[string]string{kubevirt.NodeNameLabel: "n"},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(vm, kubevirt.VirtualMachineKind)},
	}}
	vmi.Status.Phase = kubevirt.PhaseRunning
	vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{
		{Type: kubevirt.InstanceLiveMigratable, Status: corev1.ConditionFalse, Message: "it has a device of the host"},
	}
	live := there(t, node, vm, vmi)
	looked(t, behind.Misses(live, vm), live)
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(vmi), vmi); err != nil {
		t.Errorf("its run ends as KubeVirt ends it: %v", err)
	}
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(vm), vm); err != nil || kubevirt.StrategyOf(vm) != kubevirt.RunStrategyHalted {
		t.Errorf("the machine stays off, and remembers how it ran: %s, %v", kubevirt.StrategyOf(vm), err)
	}
}

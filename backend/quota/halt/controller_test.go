package halt_test

import (
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/quota/halt"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api,
		manager.Open(kubevirt.VirtualMachineKind, true), manager.Open(kubevirt.VirtualMachineInstanceKind, false)))
}

const refusal = `failed to create virtual machine pod: pods "web" is forbidden: exceeded quota: small, requested: limits.cpu=1`

// TestHalt has KubeVirt say that there is no room for a machine, and then that it runs.
func TestHalt(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			controller := halt.New(to)
			controller.Now = func() time.Time { return time.Now().Add(time.Hour) } // nobody waits here
			return controller.SetUp(to)
		},
	})
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}}
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyAlways)
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	c.Make(vm)
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}}
	vmi.Status.Phase = kubevirt.PhasePending
	vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{{
		Type: kubevirt.InstanceSynchronized, Status: corev1.ConditionFalse, Message: refusal, LastTransitionTime: metav1.Now(),
	}}
	c.Make(vmi)
	manager.Report(c, vm, func(m *kubevirt.VirtualMachine) {
		m.Status.PrintableStatus = kubevirt.StatusStarting
		m.Status.Conditions = []kubevirt.VirtualMachineCondition{{Type: "Synchronized", Status: corev1.ConditionFalse, Message: refusal}}
	})
	manager.Until(c, vm, "be switched off, and say why", func(m *kubevirt.VirtualMachine) bool {
		return kubevirt.StrategyOf(m) == kubevirt.RunStrategyHalted &&
			strings.Contains(m.Annotations[harvesterv1.AnnotationInsufficientQuota], "requested: limits.cpu=1") &&
			m.Annotations[harvesterv1.AnnotationRunStrategy] == string(kubevirt.RunStrategyAlways)
	})
	manager.Report(c, vm, func(m *kubevirt.VirtualMachine) {
		m.Status.PrintableStatus, m.Status.Conditions = kubevirt.StatusRunning, nil
	})
	manager.Until(c, vm, "forget it when it runs", func(m *kubevirt.VirtualMachine) bool {
		_, told := m.Annotations[harvesterv1.AnnotationInsufficientQuota]
		return !told
	})
}

package main

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

var machineSheet = sheet{
	file: "actions.golden.md", noun: "a machine", at: machines, actions: virtualmachine.Actions,
	subject: machineOf, stances: machineStances,
}

// machineStances are the states that a machine can be in, in the order of its life.
var machineStances = []stance{
	{"stopped", func(t *testing.T, name string) { halted(t, name, nil) }},
	{"provisioning", func(t *testing.T, name string) { waiting(t, name, kubevirt.StatusProvisioning) }},
	{"starting", func(t *testing.T, name string) { instanced(t, name, kubevirt.StatusStarting, kubevirt.PhaseScheduling) }},
	{"running", func(t *testing.T, name string) { instanced(t, name, kubevirt.StatusRunning, kubevirt.PhaseRunning) }},
	{"paused", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusPaused, kubevirt.PhaseRunning, kubevirt.InstancePaused)
	}},
	{"migrating", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusMigrating, kubevirt.PhaseRunning)
		migration := &kubevirt.Migration{ObjectMeta: metav1.ObjectMeta{Namespace: home, GenerateName: name + "-"}}
		migration.Spec.VMIName = name
		create(t, migration)
	}},
	{"moving a volume", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusRunning, kubevirt.PhaseRunning)
		m := read(t, &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}})
		m.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = name + "-fast"
		m.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: fmt.Sprintf(
			`[{"metadata":{"name":"%s-root"},"targetVolume":"%s-fast"}]`, name, name)}
		if err := site.admin.Update(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}},
	{"stopping", func(t *testing.T, name string) { instanced(t, name, kubevirt.StatusStopping, kubevirt.PhaseRunning) }},
	{"failing", func(t *testing.T, name string) { waiting(t, name, kubevirt.StatusCrashLoopBackOff) }},
	{"unschedulable", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusUnschedulable, kubevirt.PhaseScheduling)
	}},
	{"terminating", func(t *testing.T, name string) {
		m := vm(name, kubevirt.RunStrategyHalted)
		m.Finalizers = []string{"test.crofthci.io/keep"}
		create(t, m)
		tell(t, m, kubevirt.StatusStopped)
		if err := site.admin.Delete(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}},
}

// waiting is a machine that KubeVirt keeps trying to start.
func waiting(t *testing.T, name string, word kubevirt.PrintableStatus) *kubevirt.VirtualMachine {
	t.Helper()
	m := vm(name, kubevirt.RunStrategyRerunOnFailure)
	create(t, m)
	tell(t, m, word)
	return m
}

// instanced is a machine with an instance on node a.
func instanced(
	t *testing.T, name string, word kubevirt.PrintableStatus, phase kubevirt.Phase, also ...kubevirt.InstanceConditionType,
) {
	t.Helper()
	m := waiting(t, name, word)
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	vmi.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(m, kubevirt.VirtualMachineKind)}
	vmi.Spec = m.Spec.Template.Spec
	if err := site.kubevirt.Create(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, vmi) })
	vmi.Status.Phase, vmi.Status.NodeName = phase, "a"
	for _, kind := range append(also, kubevirt.InstanceLiveMigratable) {
		vmi.Status.Conditions = append(vmi.Status.Conditions, kubevirt.VirtualMachineInstanceCondition{Type: kind, Status: corev1.ConditionTrue})
	}
	if err := site.kubevirt.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
}

// machineOf is what the actions of a machine look at, with all that there is of it.
func machineOf(t *testing.T, name string) any {
	t.Helper()
	m := virtualmachine.Machine{VM: read(t, &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}})}
	vmi := &kubevirt.VirtualMachineInstance{}
	if site.admin.Get(t.Context(), client.ObjectKey{Namespace: home, Name: name}, vmi) == nil {
		m.VMI = vmi
	}
	if vmi.Status.Phase == kubevirt.PhaseRunning {
		m.Targets = []virtualmachine.Target{{Name: "b"}, {Name: "c"}}
	}
	if m.VM.Status.PrintableStatus == kubevirt.StatusMigrating {
		m.Migration = &kubevirt.Migration{}
	}
	return m
}

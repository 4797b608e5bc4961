package main

import (
	"fmt"
	"slices"
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
	subject: machineOf, stances: slices.Concat(machineStances, hinderedStances),
}

// machineStances are the states that a machine can be in, in the order of its life. It has all that something can be done
// to: see equipped.
var machineStances = []stance{
	{"stopped", func(t *testing.T, name string) {
		m := equipped(name, kubevirt.RunStrategyHalted)
		create(t, m)
		tell(t, m, kubevirt.StatusStopped)
	}},
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
		m.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = fmt.Sprintf(
			`[{"metadata":{"name":"%s-root"},"targetVolume":"%s-fast"}]`, name, name)
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
		m := equipped(name, kubevirt.RunStrategyHalted)
		m.Finalizers = []string{"test.crofthci.io/keep"}
		create(t, m)
		tell(t, m, kubevirt.StatusStopped)
		if err := site.admin.Delete(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}},
}

// waiting is a machine that KubeVirt keeps trying to start.
func waiting(
	t *testing.T, name string, word kubevirt.PrintableStatus, changes ...func(m *kubevirt.VirtualMachine),
) *kubevirt.VirtualMachine {
	t.Helper()
	m := equipped(name, kubevirt.RunStrategyRerunOnFailure)
	for _, change := range changes {
		change(m)
	}
	create(t, m)
	tell(t, m, word)
	return m
}

// instanced is a machine with an instance on node a.
func instanced(
	t *testing.T, name string, word kubevirt.PrintableStatus, phase kubevirt.Phase, also ...kubevirt.InstanceConditionType,
) {
	t.Helper()
	launch(t, waiting(t, name, word), phase, also...)
}

// launch gives a machine an instance on node a.
func launch(t *testing.T, m *kubevirt.VirtualMachine, phase kubevirt.Phase, also ...kubevirt.InstanceConditionType) {
	t.Helper()
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: m.Name}}
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
	if vmi.Status.Phase == kubevirt.PhaseRunning && len(vmi.Spec.NodeSelector) == 0 {
		m.Targets = []virtualmachine.Target{{Name: "b"}, {Name: "c"}}
	}
	if m.VM.Status.PrintableStatus == kubevirt.StatusMigrating {
		m.Migration = &kubevirt.Migration{}
	}
	return m
}

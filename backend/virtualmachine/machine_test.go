package virtualmachine

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/kubevirt"
)

// a machine for a table: off, and seen by KubeVirt.
func off(changes ...func(*Machine)) Machine {
	m := Machine{VM: &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}}}
	m.VM.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyHalted)
	m.VM.Status.PrintableStatus = kubevirt.StatusStopped
	m.VM.Status.Conditions = []kubevirt.VirtualMachineCondition{{Type: kubevirt.ConditionReady, Status: corev1.ConditionFalse}}
	return changed(m, changes)
}

// on is a machine that runs on node a and could run on b and c.
func on(changes ...func(*Machine)) Machine {
	m := off(strategy(kubevirt.RunStrategyRerunOnFailure), status(kubevirt.StatusRunning))
	m.VMI = &kubevirt.VirtualMachineInstance{ObjectMeta: m.VM.ObjectMeta}
	m.VMI.Status.Phase = kubevirt.PhaseRunning
	m.VMI.Status.NodeName = "a"
	m.VMI.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{
		{Type: kubevirt.InstanceLiveMigratable, Status: corev1.ConditionTrue},
	}
	m.Targets = []Target{{"b", "b"}, {"c", "c.example.org"}}
	return changed(m, changes)
}

func changed(m Machine, changes []func(*Machine)) Machine {
	for _, change := range changes {
		change(&m)
	}
	return m
}

func strategy(s kubevirt.RunStrategy) func(*Machine) {
	return func(m *Machine) { m.VM.Spec.RunStrategy = &s }
}

func status(s kubevirt.PrintableStatus) func(*Machine) {
	return func(m *Machine) { m.VM.Status.PrintableStatus = s }
}

func phase(p kubevirt.Phase) func(*Machine) {
	return func(m *Machine) { m.VMI.Status.Phase = p }
}

func condition(kind kubevirt.InstanceConditionType, is corev1.ConditionStatus, message string) func(*Machine) {
	return func(m *Machine) {
		m.VMI.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{{Type: kind, Status: is, Message: message}}
	}
}

func pausedNow(m *Machine) {
	status(kubevirt.StatusPaused)(m)
	condition(kubevirt.InstancePaused, corev1.ConditionTrue, "")(m)
}

// volumes are a machine's claims.
func volumes(claims ...string) func(*Machine) {
	return func(m *Machine) {
		m.VM.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
		for _, name := range claims {
			source := &kubevirt.PersistentVolumeClaimVolumeSource{}
			source.ClaimName = name
			m.VM.Spec.Template.Spec.Volumes = append(m.VM.Spec.Template.Spec.Volumes,
				kubevirt.Volume{Name: name, VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: source}})
		}
	}
}

func deleted(m *Machine) { m.VM.DeletionTimestamp = ptr.To(metav1.Now()) }

func unseen(m *Machine) { m.VMI, m.Targets = nil, nil }

func migrating(m *Machine) {
	status(kubevirt.StatusMigrating)(m)
	m.Migration = &kubevirt.Migration{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "move"}}
}

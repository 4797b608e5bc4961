package main

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// hinderedStances are machines that run, but for one thing: each is what another run of the table looks like with that.
var hinderedStances = []stance{
	{"bare", func(t *testing.T, name string) {
		hindered(t, name, func(m *kubevirt.VirtualMachine) {
			m.Annotations, m.Spec.Template.Spec = nil, vm(name, kubevirt.RunStrategyRerunOnFailure).Spec.Template.Spec
		})
	}},
	{"waiting for a restart", func(t *testing.T, name string) {
		m := hindered(t, name)
		m.Status.Conditions = append(m.Status.Conditions,
			kubevirt.VirtualMachineCondition{Type: kubevirt.ConditionRestartRequired, Status: corev1.ConditionTrue})
		status(t, m)
	}},
	{"being snapshotted", func(t *testing.T, name string) {
		m := hindered(t, name)
		m.Status.SnapshotInProgress = ptr.To("nightly")
		status(t, m)
	}},
	{"a guest cluster's", func(t *testing.T, name string) {
		hindered(t, name, func(m *kubevirt.VirtualMachine) { m.Labels = map[string]string{harvesterv1.LabelGuestCluster: "rke"} })
	}},
	{"probed", func(t *testing.T, name string) {
		hindered(t, name, func(m *kubevirt.VirtualMachine) {
			probe := &kubevirt.Probe{}
			probe.Exec = &corev1.ExecAction{Command: []string{"/bin/true"}}
			m.Spec.Template.Spec.LivenessProbe = probe
		})
	}},
	{"without an address", func(t *testing.T, name string) {
		hindered(t, name, func(m *kubevirt.VirtualMachine) { m.Spec.Template.Spec.Domain.Devices.Interfaces[0].MacAddress = "" })
	}},
	{"bound to its node", func(t *testing.T, name string) {
		hindered(t, name, func(m *kubevirt.VirtualMachine) {
			m.Spec.Template.Spec.NodeSelector = map[string]string{corev1.LabelHostname: "a.example.org"}
		})
	}},
}

// hindered is a machine that runs, with changes made to it before it was started.
func hindered(t *testing.T, name string, changes ...func(m *kubevirt.VirtualMachine)) *kubevirt.VirtualMachine {
	t.Helper()
	m := waiting(t, name, kubevirt.StatusRunning, changes...)
	launch(t, m, kubevirt.PhaseRunning)
	return m
}

// status writes what KubeVirt says of a machine.
func status(t *testing.T, m *kubevirt.VirtualMachine) {
	t.Helper()
	if err := site.kubevirt.Status().Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

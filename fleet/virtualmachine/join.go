package virtualmachine

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// join makes the row of a machine and, where there is one, its instance.
func join(parts [][]byte) (index.Row, error) {
	var m machine
	if err := decode.Known(parts[0], &m); err != nil {
		return index.Row{}, fmt.Errorf("read the kept virtual machine: %w", err)
	}
	var i instance
	var vmi *kubevirt.VirtualMachineInstance
	if parts[1] != nil {
		if err := decode.Known(parts[1], &i); err != nil {
			return index.Row{}, fmt.Errorf("read the kept instance: %w", err)
		}
		vmi = i.vmi()
	}
	state := kubevirt.StateOf(m.vm(), vmi)
	values := map[string]any{
		"state": state.Name, "reason": state.Message, "guestOS": m.OS, "image": m.Image, "hostname": m.Hostname,
		"disks": m.Disks, "diskSize": m.Storage, "networks": m.Networks, "macs": m.MACs, "cpu": m.CPU, "memory": m.Memory,
		"guestCluster": m.Labels[harvesterv1.LabelGuestCluster], "guestPool": m.Labels[harvesterv1.LabelGuestPool], "tags": tagsOf(m.Labels),
	}
	i.measured(values)
	if vmi != nil && !vmi.IsFinal() {
		i.seen(values, m.MACs)
	}
	return index.Row{
		UID:     m.UID,
		Created: m.Created,
		Labels:  m.Labels,
		Values:  values,
		State: index.State{
			Name: strings.ToLower(state.Name), Transitioning: state.Transitioning, Error: state.Error, Message: state.Message,
		},
	}, nil
}

// vm is as much of the machine as its state is made of.
func (m *machine) vm() *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{}
	if m.Removing {
		vm.DeletionTimestamp = &metav1.Time{}
	}
	vm.Spec.Running, vm.Status.PrintableStatus = m.Running, m.Status
	if m.Strategy != "" {
		vm.Spec.RunStrategy = &m.Strategy
	}
	if m.Failures != nil {
		vm.Status.StartFailure = &kubevirt.StartFailure{ConsecutiveFailCount: *m.Failures}
	}
	for _, c := range m.Conditions {
		vm.Status.Conditions = append(vm.Status.Conditions, kubevirt.VirtualMachineCondition{Type: kubevirt.ConditionType(c.Type), Status: c.Status, Message: c.Message})
	}
	return vm
}

// vmi is as much of the instance as the machine's state is made of.
func (i *instance) vmi() *kubevirt.VirtualMachineInstance {
	vmi := &kubevirt.VirtualMachineInstance{}
	vmi.Status.Phase = i.Phase
	if i.From != "" || i.To != "" {
		vmi.Status.MigrationState = &kubevirt.MigrationState{SourceNode: i.From, TargetNode: i.To}
	}
	for _, c := range i.Conditions {
		vmi.Status.Conditions = append(vmi.Status.Conditions, kubevirt.VirtualMachineInstanceCondition{Type: kubevirt.InstanceConditionType(c.Type), Status: c.Status, Message: c.Message})
	}
	return vmi
}

// measured puts what a run has, which an instance type may have given, in place of what was asked for.
func (i *instance) measured(values map[string]any) {
	for name, value := range map[string]int64{"cpu": i.CPU, "memory": i.Memory, "diskSize": i.Storage} {
		if value > 0 {
			values[name] = value
		}
	}
}

// seen adds what only a run shows.
func (i *instance) seen(values map[string]any, given []string) {
	values["node"], values["macs"] = i.Node, index.List(append(i.MACs, given...))
	if i.OS != "" {
		values["guestOS"] = i.OS
	}
	if len(i.Addresses) > 0 {
		values["addresses"] = i.Addresses
	}
}

// cpuOf counts virtual processors as KubeVirt does: the topology, or else what the pod is given, at least one.
func cpuOf(domain *kubevirt.DomainSpec) int64 {
	if cpu := domain.CPU; cpu != nil && (cpu.Cores > 0 || cpu.Sockets > 0 || cpu.Threads > 0) {
		return int64(max(cpu.Cores, 1)) * int64(max(cpu.Sockets, 1)) * int64(max(cpu.Threads, 1))
	}
	for _, list := range []corev1.ResourceList{domain.Resources.Limits, domain.Resources.Requests} {
		if quantity, ok := list[corev1.ResourceCPU]; ok && !quantity.IsZero() {
			return max(quantity.Value(), 1)
		}
	}
	return 0
}

// memoryOf is what the guest sees of memory, in bytes.
func memoryOf(domain *kubevirt.DomainSpec) int64 {
	if domain.Memory != nil && domain.Memory.Guest != nil {
		return domain.Memory.Guest.Value()
	}
	for _, list := range []corev1.ResourceList{domain.Resources.Limits, domain.Resources.Requests} {
		if quantity, ok := list[corev1.ResourceMemory]; ok {
			return quantity.Value()
		}
	}
	return 0
}

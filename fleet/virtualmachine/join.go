package virtualmachine

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// columns is how many values a row has, so that there is room for them at once.
const columns = 16

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
	values := make(map[string]any, columns)
	values["state"], values["reason"], values["guestOS"], values["image"], values["hostname"] = state.Name, state.Message, m.OS, m.Image, m.Hostname
	values["disks"], values["networks"], values["macs"], values["tags"] = m.Disks, m.Networks, m.MACs, tagsOf(m.Labels)
	values["guestCluster"], values["guestPool"] = m.Labels[harvesterv1.LabelGuestCluster], m.Labels[harvesterv1.LabelGuestPool]
	values["cpu"], values["memory"], values["diskSize"] = measured(i.CPU, m.CPU), measured(i.Memory, m.Memory), measured(i.Storage, m.Storage)
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

// measured is what a run has, which an instance type may have given, or else what was asked for.
func measured(run, asked int64) int64 {
	if run > 0 {
		return run
	}
	return asked
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
func cpuOf(hardware *domain) int64 {
	if cpu := hardware.CPU; cpu != nil && (cpu.Cores > 0 || cpu.Sockets > 0 || cpu.Threads > 0) {
		return int64(max(cpu.Cores, 1)) * int64(max(cpu.Sockets, 1)) * int64(max(cpu.Threads, 1))
	}
	for _, amount := range []*index.Amount{hardware.Resources.Limits.CPU, hardware.Resources.Requests.CPU} {
		if amount != nil && !amount.IsZero() {
			return max(amount.Value(), 1)
		}
	}
	return 0
}

// memoryOf is what the guest sees of memory, in bytes.
func memoryOf(hardware *domain) int64 {
	if hardware.Memory != nil && hardware.Memory.Guest != nil {
		return hardware.Memory.Guest.Value()
	}
	for _, amount := range []*index.Amount{hardware.Resources.Limits.Memory, hardware.Resources.Requests.Memory} {
		if amount != nil {
			return amount.Value()
		}
	}
	return 0
}

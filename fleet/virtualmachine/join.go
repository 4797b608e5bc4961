package virtualmachine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// join makes the row of a machine and, where there is one, its instance.
func join(parts [][]byte) (index.Row, error) {
	var m machine
	if err := json.Unmarshal(parts[0], &m); err != nil {
		return index.Row{}, fmt.Errorf("read the kept virtual machine: %w", err)
	}
	if m.VM == nil {
		return index.Row{}, errors.New("the kept virtual machine is empty")
	}
	var i instance
	if parts[1] != nil {
		if err := json.Unmarshal(parts[1], &i); err != nil {
			return index.Row{}, fmt.Errorf("read the kept instance: %w", err)
		}
	}
	state := kubevirt.StateOf(m.VM, i.VMI)
	values := map[string]any{
		"state": state.Name, "reason": state.Message, "guestOS": m.OS, "image": m.Image, "hostname": m.Hostname,
		"disks": m.Disks, "diskSize": m.Storage, "networks": m.Networks, "macs": m.MACs,
		"guestCluster": m.VM.Labels[harvesterv1.LabelGuestCluster], "tags": tagsOf(m.VM.Labels),
	}
	values["cpu"], values["memory"] = sizeOf(m, i)
	if i.Storage > 0 {
		values["diskSize"] = i.Storage
	}
	if i.VMI != nil && !i.VMI.IsFinal() {
		seen(values, i.VMI)
		values["macs"] = index.List(append(i.MACs, m.MACs...))
	}
	return index.Row{
		UID:     string(m.VM.UID),
		Created: m.VM.CreationTimestamp.Time,
		Labels:  m.VM.Labels,
		Values:  values,
		State: index.State{
			Name: strings.ToLower(state.Name), Transitioning: state.Transitioning, Error: state.Error, Message: state.Message,
		},
	}, nil
}

// seen adds what only a run shows.
func seen(values map[string]any, vmi *kubevirt.VirtualMachineInstance) {
	values["node"] = vmi.Status.NodeName
	if name := vmi.Status.GuestOSInfo.PrettyName; name != "" {
		values["guestOS"] = name
	}
	if len(vmi.Status.Interfaces) > 0 {
		values["addresses"] = vmi.Status.Interfaces[0].IPs
	}
}

// sizeOf is the processors and the memory: those of the run, which an instance type may have given, or those asked for.
func sizeOf(m machine, i instance) (int64, int64) {
	var cpu, memory int64
	if m.VM.Spec.Template != nil {
		domain := &m.VM.Spec.Template.Spec.Domain
		cpu, memory = cpuOf(domain), memoryOf(domain)
	}
	if i.CPU > 0 {
		cpu = i.CPU
	}
	if i.Memory > 0 {
		memory = i.Memory
	}
	return cpu, memory
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

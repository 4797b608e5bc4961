package handler

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// facts are what is known of a machine that runs.
type facts struct {
	view    view
	agent   *agentInfo
	address netip.Addr
	now     time.Time
	// starts is true at the first look.
	starts bool
}

// running writes the status of a machine that runs: what libvirt's domain, the
// network and the guest agent would tell virt-handler.
func running(vmi *kubevirtv1.VirtualMachineInstance, f facts) {
	s := &vmi.Status
	f.starts = s.Phase != kubevirtv1.Running
	setPhase(s, kubevirtv1.Running, f.now)
	s.SelinuxContext = "none"
	s.MigrationTransport = kubevirtv1.MigrationTransportUnix
	s.Machine = machineType(vmi)
	if s.CurrentCPUTopology == nil {
		sockets, cores, threads := topology(vmi)
		s.CurrentCPUTopology = &kubevirtv1.CPUTopology{Sockets: sockets, Cores: cores, Threads: threads}
	}
	setMemory(s, memory(vmi))
	s.Interfaces = interfaces(vmi, f)
	s.FSFreezeStatus = ""
	if f.view.Frozen {
		s.FSFreezeStatus = "frozen"
	}
	if f.agent != nil {
		s.GuestOSInfo = f.agent.info.OS
	}
	attach(vmi)
	conditions(vmi, f)
}

// setPhase changes the phase and remembers when, once.
func setPhase(s *kubevirtv1.VirtualMachineInstanceStatus, phase kubevirtv1.VirtualMachineInstancePhase, now time.Time) {
	if s.Phase == phase {
		return
	}
	s.Phase = phase
	s.PhaseTransitionTimestamps = append(s.PhaseTransitionTimestamps, kubevirtv1.VirtualMachineInstancePhaseTransitionTimestamp{
		Phase: phase, PhaseTransitionTimestamp: metav1.NewTime(now),
	})
}

func machineType(vmi *kubevirtv1.VirtualMachineInstance) *kubevirtv1.Machine {
	if m := vmi.Spec.Domain.Machine; m != nil && m.Type != "" {
		return &kubevirtv1.Machine{Type: m.Type}
	}
	return &kubevirtv1.Machine{Type: "q35"}
}

func setMemory(s *kubevirtv1.VirtualMachineInstanceStatus, bytes int64) {
	q := resource.NewQuantity(bytes, resource.BinarySI)
	if s.Memory == nil {
		s.Memory = &kubevirtv1.MemoryStatus{}
	}
	if s.Memory.GuestAtBoot == nil {
		s.Memory.GuestAtBoot = q
	}
	if s.Memory.GuestRequested == nil {
		s.Memory.GuestRequested = q
	}
	if s.Memory.GuestCurrent == nil || s.Memory.GuestCurrent.Cmp(*s.Memory.GuestRequested) != 0 {
		s.Memory.GuestCurrent = s.Memory.GuestRequested
	}
}

// interfaces are the network cards that the machine has, in the spec's order. A
// card that comes while the machine runs is in it once its pod is on the card's
// network, as multus says of the pod that the machine has moved to. One that goes
// is out of it at once, and is told of until the pod is off the network.
func interfaces(vmi *kubevirtv1.VirtualMachineInstance, f facts) []kubevirtv1.VirtualMachineInstanceNetworkInterface {
	var list []kubevirtv1.VirtualMachineInstanceNetworkInterface
	for i, iface := range vmi.Spec.Domain.Devices.Interfaces {
		old, known := interfaceStatus(vmi, iface.Name)
		if iface.State == kubevirtv1.InterfaceStateAbsent {
			if strings.Contains(old.InfoSource, multusStatus) {
				list = append(list, kubevirtv1.VirtualMachineInstanceNetworkInterface{
					Name: iface.Name, MAC: old.MAC, InfoSource: multusStatus, PodInterfaceName: old.PodInterfaceName,
				})
			}
			continue
		}
		if secondary(vmi, iface.Name) && !known && !f.starts {
			continue
		}
		status := kubevirtv1.VirtualMachineInstanceNetworkInterface{
			Name: iface.Name, MAC: macOf(vmi, i), InfoSource: infoSource(vmi, iface.Name, f.agent),
			QueueCount: 1, LinkState: "up", PodInterfaceName: "eth0",
		}
		if iface.State == kubevirtv1.InterfaceStateLinkDown {
			status.LinkState = "down"
		}
		if len(list) == 0 && f.address.IsValid() {
			status.IP, status.IPs = f.address.String(), []string{f.address.String()}
		}
		if len(list) > 0 {
			status.PodInterfaceName = "pod" + letters(len(list))
		}
		if old.PodInterfaceName != "" {
			status.PodInterfaceName = old.PodInterfaceName // virt-controller knows it better
		}
		fromAgent(&status, f.agent)
		list = append(list, status)
	}
	return list
}

// fromAgent adds what the guest itself says of a card. The first card's address
// stays the one that answers from outside.
func fromAgent(status *kubevirtv1.VirtualMachineInstanceNetworkInterface, a *agentInfo) {
	if a == nil {
		return
	}
	for _, seen := range a.interfaces {
		if !strings.EqualFold(seen.MAC, status.MAC) {
			continue
		}
		status.InterfaceName = seen.Name
		if status.IP != "" {
			return
		}
		for _, address := range seen.Addresses {
			status.IPs = append(status.IPs, address.Address)
		}
		if len(status.IPs) > 0 {
			status.IP = status.IPs[0]
		}
		return
	}
}

// infoSource names who told about an interface. What virt-controller wrote of
// multus is kept.
func infoSource(vmi *kubevirtv1.VirtualMachineInstance, name string, a *agentInfo) string {
	sources := []string{"domain"}
	if a != nil {
		sources = append(sources, "guest-agent")
	}
	if old, _ := interfaceStatus(vmi, name); strings.Contains(old.InfoSource, multusStatus) {
		sources = append(sources, multusStatus)
	}
	return strings.Join(sources, ", ")
}

// multusStatus is what virt-controller writes of a card whose network multus has
// put the machine's pod on.
const multusStatus = "multus-status"

// interfaceStatus is what is told of a card now.
func interfaceStatus(vmi *kubevirtv1.VirtualMachineInstance, name string) (kubevirtv1.VirtualMachineInstanceNetworkInterface, bool) {
	for _, status := range vmi.Status.Interfaces {
		if status.Name == name {
			return status, true
		}
	}
	return kubevirtv1.VirtualMachineInstanceNetworkInterface{}, false
}

// secondary says whether a card is on a network beside that of its pod.
func secondary(vmi *kubevirtv1.VirtualMachineInstance, name string) bool {
	return slices.ContainsFunc(vmi.Spec.Networks, func(n kubevirtv1.Network) bool {
		return n.Name == name && n.Multus != nil && !n.Multus.Default
	})
}

// attach names the targets of the volumes that were there from the start. The
// hotplugged ones go through their phases in hotplug.go.
func attach(vmi *kubevirtv1.VirtualMachineInstance) {
	names := targets(vmi)
	for i := range vmi.Status.VolumeStatus {
		v := &vmi.Status.VolumeStatus[i]
		if v.HotplugVolume == nil {
			v.Target = names[v.Name]
		}
	}
	for _, v := range vmi.Spec.Volumes {
		known := slices.ContainsFunc(vmi.Status.VolumeStatus, func(s kubevirtv1.VolumeStatus) bool { return s.Name == v.Name })
		if !known {
			vmi.Status.VolumeStatus = append(vmi.Status.VolumeStatus, kubevirtv1.VolumeStatus{Name: v.Name, Target: names[v.Name]})
		}
	}
	slices.SortStableFunc(vmi.Status.VolumeStatus, func(a, b kubevirtv1.VolumeStatus) int { return strings.Compare(a.Name, b.Name) })
}

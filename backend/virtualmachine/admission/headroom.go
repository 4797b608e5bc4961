package admission

import (
	"context"
	"runtime"
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

const (
	// usualHeadroom is how many times its size a machine may grow to while the setting cannot be read.
	usualHeadroom = 4
	// mostProcessors is how many KubeVirt gives any machine by itself.
	mostProcessors = 512
	// leastPlugged is the memory below which KubeVirt plugs none into a machine.
	leastPlugged = 1 << 30
	// plugAlignment is what KubeVirt asks memory to be a multiple of.
	plugAlignment = 2 << 20
)

// headroom says how far a machine may grow while it runs that may and does not say so itself. A machine that runs keeps
// what it was started with: KubeVirt would have it restarted for another maximum.
func (s site) headroom(ctx context.Context, r request) error {
	if !sized(r.Object) || !grows(r.Object) || r.Object.Status.Created {
		return nil
	}
	value, err := s.setting(ctx, harvesterv1.SettingMaxHotplugRatio)
	if err != nil {
		return err
	}
	ratio, err := strconv.ParseUint(value, 10, 8)
	if err != nil || ratio == 0 {
		ratio = usualHeadroom
	}
	spec := &r.Object.Spec.Template.Spec
	if spec.Domain.CPU != nil && spec.Domain.CPU.MaxSockets == 0 {
		spec.Domain.CPU.MaxSockets = mostSockets(spec.Domain.CPU, uint32(ratio))
	}
	if memory := spec.Domain.Memory; memory != nil && memory.Guest != nil && memory.MaxGuest == nil && plugsMemory(spec) {
		memory.MaxGuest = resource.NewQuantity(memory.Guest.Value()*int64(ratio), resource.BinarySI)
	}
	return nil
}

// mostSockets is the number of sockets that a topology may grow to, 0 when it says no number itself.
func mostSockets(cpu *kubevirt.CPU, ratio uint32) uint32 {
	fit := mostProcessors / (max(cpu.Cores, 1) * max(cpu.Threads, 1))
	return max(min(cpu.Sockets*ratio, fit), cpu.Sockets)
}

// plugsMemory says whether KubeVirt would plug memory into a machine. It refuses a machine with a maximum that it would
// not, so such a machine gets none.
func plugsMemory(spec *kubevirt.VirtualMachineInstanceSpec) bool {
	domain, guest := &spec.Domain, spec.Domain.Memory.Guest.Value()
	numa := domain.CPU != nil && domain.CPU.NUMA != nil && domain.CPU.NUMA.GuestMappingPassthrough != nil
	realtime := domain.CPU != nil && domain.CPU.Realtime != nil
	huge := domain.Memory.Hugepages != nil && domain.Memory.Hugepages.PageSize == "1Gi" && guest%leastPlugged != 0
	architecture := spec.Architecture
	if architecture == "" {
		architecture = runtime.GOARCH // the webhooks run where the machines do
	}
	return architecture == "amd64" && domain.LaunchSecurity == nil &&
		!numa && !realtime && !huge && guest >= leastPlugged && guest%plugAlignment == 0
}

package admission

import (
	"context"
	"runtime"
	"strconv"

	corev1 "k8s.io/api/core/v1"
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

// headroom says how far a machine may grow while it runs that may and does not say so itself, and gives it the limits of
// its largest size. KubeVirt would have a machine that runs restarted for another maximum, limit or request: it keeps
// what it was started with, and KubeVirt requests more for it as it grows.
func (s site) headroom(ctx context.Context, r request) error {
	if !sized(r.Object) || !grows(r.Object) {
		return nil
	}
	domain := &r.Object.Spec.Template.Spec.Domain
	if !r.Object.Status.Created {
		if err := s.most(ctx, &r.Object.Spec.Template.Spec); err != nil {
			return err
		}
	} else if r.Old != nil && sized(r.Old) {
		domain.Resources.Requests = r.Old.Spec.Template.Spec.Domain.Resources.Requests
	}
	if domain.CPU != nil && domain.CPU.MaxSockets > 0 {
		largest := *domain.CPU
		largest.Sockets = largest.MaxSockets
		atLeast(domain.Resources.Limits, corev1.ResourceCPU, *resource.NewQuantity(coresOf(&largest), resource.DecimalSI))
	}
	if domain.Memory != nil && domain.Memory.MaxGuest != nil {
		reserved, err := s.reserved(ctx, r.Object)
		if err != nil {
			return err
		}
		reserved.Add(*domain.Memory.MaxGuest)
		atLeast(domain.Resources.Limits, corev1.ResourceMemory, reserved)
	}
	return nil
}

// atLeast raises a limit to a quantity.
func atLeast(limits corev1.ResourceList, name corev1.ResourceName, quantity resource.Quantity) {
	if limit, given := limits[name]; given && limit.Cmp(quantity) < 0 {
		limits[name] = quantity
	}
}

// limitedNow is a machine's hardware with the limits of the size that it has now, by which is requested of the node.
func limitedNow(domain *kubevirt.DomainSpec, reserved resource.Quantity) *kubevirt.DomainSpec {
	now := domain.DeepCopy()
	if cores := coresOf(now.CPU); cores > 0 {
		now.Resources.Limits[corev1.ResourceCPU] = *resource.NewQuantity(cores, resource.DecimalSI)
	}
	if now.Memory != nil && now.Memory.Guest != nil {
		reserved.Add(*now.Memory.Guest)
		now.Resources.Limits[corev1.ResourceMemory] = reserved
	}
	return now
}

// most fills in the largest size where it is missing.
func (s site) most(ctx context.Context, spec *kubevirt.VirtualMachineInstanceSpec) error {
	value, err := s.setting(ctx, harvesterv1.SettingMaxHotplugRatio)
	if err != nil {
		return err
	}
	ratio, err := strconv.ParseUint(value, 10, 8)
	if err != nil || ratio == 0 {
		ratio = usualHeadroom
	}
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

package admission

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"crofthci.io/croft/pkg/kubevirt"
)

// follow makes the limits and the hardware agree after a change of one of them alone. The limits decide, and Harvester's
// clients change them; whoever changes the cores or the guest's memory with kubectl knows of no limits, and must not be
// told 200 for a change that comes to nothing.
func (s site) follow(ctx context.Context, r request) error {
	if r.Old == nil || !sized(r.Object) || !sized(r.Old) || grows(r.Object) {
		return nil // the limits of a machine that grows are those of its largest size
	}
	is, was := &r.Object.Spec.Template.Spec.Domain, &r.Old.Spec.Template.Spec.Domain
	followProcessors(is, was)
	if !guestChanged(is, was) || !limitKept(is, was, corev1.ResourceMemory) {
		return nil
	}
	reserved, err := s.reserved(ctx, r.Object)
	if err != nil {
		return err
	}
	limit := is.Memory.Guest.DeepCopy()
	limit.Add(reserved)
	is.Resources.Limits[corev1.ResourceMemory] = limit
	return nil
}

// followProcessors has the limit follow the topology, or the topology the limit when they agreed before.
func followProcessors(is, was *kubevirt.DomainSpec) {
	cores, before := coresOf(is.CPU), coresOf(was.CPU)
	limit, given := is.Resources.Limits[corev1.ResourceCPU]
	limitBefore := was.Resources.Limits[corev1.ResourceCPU]
	switch kept := limitKept(is, was, corev1.ResourceCPU); {
	case cores != before && cores > 0 && kept:
		is.Resources.Limits[corev1.ResourceCPU] = *resource.NewQuantity(cores, resource.DecimalSI)
	case cores == before && cores > 0 && cores == limitBefore.Value() && given && !kept:
		is.CPU = is.CPU.DeepCopy()
		spread(is.CPU, max(limit.Value(), 1))
	}
}

// spread gives a topology a number of processors, as more cores on the sockets that it has where that comes out even.
func spread(cpu *kubevirt.CPU, processors int64) {
	each := int64(max(cpu.Sockets, 1)) * int64(max(cpu.Threads, 1))
	if processors%each != 0 {
		each, cpu.Sockets, cpu.Threads = 1, 1, 1
	}
	cpu.Cores = uint32(processors / each)
}

// guestChanged says whether the client wants another memory of the guest than the machine had.
func guestChanged(is, was *kubevirt.DomainSpec) bool {
	if is.Memory == nil || is.Memory.Guest == nil {
		return false
	}
	return was.Memory == nil || was.Memory.Guest == nil || is.Memory.Guest.Cmp(*was.Memory.Guest) != 0
}

// limitKept says whether the client left a limit as it was.
func limitKept(is, was *kubevirt.DomainSpec, name corev1.ResourceName) bool {
	limit, given := is.Resources.Limits[name]
	before, known := was.Resources.Limits[name]
	return given && known && limit.Cmp(before) == 0
}

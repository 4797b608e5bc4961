package admission

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// grows says whether a machine's processors and memory may change while it runs. Its sockets and its memory are the
// client's to say.
func grows(vm *machine) bool {
	return vm.Annotations[harvesterv1.AnnotationHotplug] == "true"
}

// defaultReserved is kept from the guest when the overhead ratio is switched off: KubeVirt's own processes need it.
var defaultReserved = resource.MustParse("100Mi")

// keepRunning gives a machine without a run strategy the one that Harvester's clients mean.
func keepRunning(_ context.Context, r request) error {
	if r.Object.Spec.RunStrategy == nil && r.Object.Spec.Running == nil {
		r.Object.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyRerunOnFailure)
	}
	return nil
}

// sized says whether a machine's size is in its own spec, and not in an instance type.
func sized(vm *machine) bool {
	return vm.Spec.Template != nil && vm.Spec.Instancetype == nil
}

// completeHardware makes the limits and the hardware agree, when only one of them was given: plain KubeVirt machines
// say cores and guest memory, or requests alone, Harvester's say limits.
func completeHardware(_ context.Context, r request) error {
	if !sized(r.Object) {
		return nil
	}
	domain := &r.Object.Spec.Template.Spec.Domain
	completeLimits(domain)
	completeTopology(domain, grows(r.Object))
	return nil
}

// completeLimits takes a limit that is missing from the hardware, else from the request.
func completeLimits(domain *kubevirt.DomainSpec) {
	if domain.Resources.Limits == nil {
		domain.Resources.Limits = corev1.ResourceList{}
	}
	offered := corev1.ResourceList{}
	maps.Copy(offered, domain.Resources.Requests)
	if cores := coresOf(domain.CPU); cores > 0 {
		offered[corev1.ResourceCPU] = *resource.NewQuantity(cores, resource.DecimalSI)
	}
	if domain.Memory != nil && domain.Memory.Guest != nil {
		offered[corev1.ResourceMemory] = *domain.Memory.Guest
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		quantity, known := offered[name]
		if _, given := domain.Resources.Limits[name]; !given && known {
			domain.Resources.Limits[name] = quantity.DeepCopy()
		}
	}
}

// completeTopology takes a topology that is missing from the limit: as cores of one socket, or as sockets where more of
// them may come, because sockets are what KubeVirt plugs in.
func completeTopology(domain *kubevirt.DomainSpec, grows bool) {
	if cpu, given := domain.Resources.Limits[corev1.ResourceCPU]; given && coresOf(domain.CPU) == 0 {
		if domain.CPU == nil {
			domain.CPU = &kubevirt.CPU{}
		}
		processors := uint32(max(cpu.Value(), 1)) // Value rounds up
		if grows {
			domain.CPU.Sockets = processors
		} else {
			domain.CPU.Cores = processors
		}
	}
	if coresOf(domain.CPU) > 0 {
		domain.CPU.Cores = max(domain.CPU.Cores, 1)
		domain.CPU.Sockets = max(domain.CPU.Sockets, 1)
		domain.CPU.Threads = max(domain.CPU.Threads, 1)
	}
}

// coresOf is how many processors a topology has, 0 when none is given.
func coresOf(cpu *kubevirt.CPU) int64 {
	if cpu == nil || cpu.Cores == 0 && cpu.Sockets == 0 && cpu.Threads == 0 {
		return 0
	}
	return int64(max(cpu.Cores, 1)) * int64(max(cpu.Sockets, 1)) * int64(max(cpu.Threads, 1))
}

// promise requests of the node what the limits come to under the site's overcommit.
func (s site) promise(ctx context.Context, r request) error {
	if !sized(r.Object) {
		return nil
	}
	overcommit, err := s.overcommit(ctx)
	if err != nil {
		return err
	}
	domain := &r.Object.Spec.Template.Spec.Domain
	if grows(r.Object) {
		reserved, err := s.reserved(ctx, r.Object)
		if err != nil {
			return err
		}
		domain = limitedNow(domain, reserved)
	}
	requests := requestsOf(domain, overcommit)
	if len(requests) > 0 {
		r.Object.Spec.Template.Spec.Domain.Resources.Requests = requests
	}
	return nil
}

// requestsOf are the requests for a machine's limits. Pinned processors and huge pages cannot be promised twice, and KubeVirt
// pins processors only where the memory is not promised twice either: the pod has to be Guaranteed.
func requestsOf(domain *kubevirt.DomainSpec, by harvesterv1.Overcommit) corev1.ResourceList {
	requests := corev1.ResourceList{}
	maps.Copy(requests, domain.Resources.Requests)
	if cpu, given := domain.Resources.Limits[corev1.ResourceCPU]; given {
		requests[corev1.ResourceCPU] = *resource.NewMilliQuantity(max(cpu.MilliValue()*harvesterv1.Whole/by.CPU, 1), resource.DecimalSI)
		if dedicated(domain) {
			requests[corev1.ResourceCPU] = cpu
		}
	}
	if memory, given := domain.Resources.Limits[corev1.ResourceMemory]; given {
		requests[corev1.ResourceMemory] = *resource.NewQuantity(inMebibytes(memory.Value()*harvesterv1.Whole/by.Memory), resource.BinarySI)
		if dedicated(domain) || domain.Memory != nil && domain.Memory.Hugepages != nil {
			requests[corev1.ResourceMemory] = memory
		}
	}
	return requests
}

// dedicated says whether a machine's processors are its own.
func dedicated(domain *kubevirt.DomainSpec) bool {
	return domain.CPU != nil && domain.CPU.DedicatedCPUPlacement
}

const mebibyte = 1 << 20

// inMebibytes rounds down to whole mebibytes, so that people can read the number.
func inMebibytes(bytes int64) int64 {
	if bytes < mebibyte {
		return bytes
	}
	return bytes / mebibyte * mebibyte
}

// reserve gives the guest the memory of the limit without what is kept from it.
func (s site) reserve(ctx context.Context, r request) error {
	if !sized(r.Object) {
		return nil
	}
	domain := &r.Object.Spec.Template.Spec.Domain
	if grows(r.Object) && domain.Memory != nil && domain.Memory.Guest != nil {
		return nil
	}
	limit, given := domain.Resources.Limits[corev1.ResourceMemory]
	if !given {
		return nil
	}
	reserved, err := s.reserved(ctx, r.Object)
	if err != nil {
		return err
	}
	limit.Sub(reserved)
	if limit.Sign() <= 0 {
		return nil // the validator says what is wrong
	}
	if domain.Memory == nil {
		domain.Memory = &kubevirt.Memory{}
	}
	if domain.Memory.Guest == nil || domain.Memory.Guest.Cmp(limit) != 0 {
		domain.Memory.Guest = &limit
	}
	return nil
}

// reserved is how much of the limit is kept from the guest.
func (s site) reserved(ctx context.Context, vm *machine) (resource.Quantity, error) {
	if text := vm.Annotations[harvesterv1.AnnotationReservedMemory]; text != "" {
		if quantity, err := resource.ParseQuantity(text); err == nil {
			return quantity, nil
		}
		return resource.Quantity{}, nil // the validator says what is wrong
	}
	ratio, err := s.setting(ctx, harvesterv1.SettingMemoryOverheadRatio)
	if err != nil {
		return resource.Quantity{}, err
	}
	if number, err := strconv.ParseFloat(ratio, 64); err == nil && number == 0 {
		return defaultReserved, nil
	}
	return resource.Quantity{}, nil
}

// setting is the value in force of a setting, "" when the setting has not been made yet.
func (s site) setting(ctx context.Context, name string) (string, error) {
	setting := &harvesterv1.Setting{}
	err := s.reader.Get(ctx, client.ObjectKey{Name: name}, setting)
	if apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	return setting.Effective(), nil
}

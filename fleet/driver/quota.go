package driver

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// hasQuota looks whether the namespace's quotas leave room for the machine. Who may not see them is told by the site when it
// refuses.
func (m *maker) hasQuota(ctx context.Context) ([]string, error) {
	if m.counted {
		return nil, nil // what an attempt before has made is in the quota already
	}
	quotas := &corev1.ResourceQuotaList{}
	err := m.client.List(ctx, quotas, client.InNamespace(m.namespace))
	if apierrors.IsForbidden(err) {
		return nil, nil
	}
	if err != nil {
		return nil, m.site.explain(err)
	}
	var lacks []string
	for i := range quotas.Items {
		lacks = append(lacks, unlessRoom(&quotas.Items[i], m.needs())...)
	}
	return lacks, nil
}

// needs are what the machine takes of a quota, as far as its flags tell: what an instance type takes is the site's to know.
func (p *plan) needs() corev1.ResourceList {
	var bytes int64
	for _, d := range p.disks {
		bytes += int64(d.Size) << 30
	}
	needs := corev1.ResourceList{
		corev1.ResourceRequestsStorage:        *resource.NewQuantity(bytes, resource.BinarySI),
		corev1.ResourcePersistentVolumeClaims: *resource.NewQuantity(int64(len(p.disks)), resource.DecimalSI),
	}
	if p.size.InstanceType == "" {
		needs[corev1.ResourceLimitsCPU] = *resource.NewQuantity(int64(p.size.CPUCount), resource.DecimalSI)
		needs[corev1.ResourceLimitsMemory] = *resource.NewQuantity(int64(p.size.MemorySize)<<30, resource.BinarySI)
	}
	return needs
}

// unlessRoom says of what a quota has too little left.
func unlessRoom(quota *corev1.ResourceQuota, needs corev1.ResourceList) []string {
	var lacks []string
	for _, name := range []corev1.ResourceName{
		corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory, corev1.ResourceRequestsStorage, corev1.ResourcePersistentVolumeClaims,
	} {
		left, limited := quota.Status.Hard[name]
		need, needed := needs[name]
		if !limited || !needed {
			continue
		}
		left.Sub(quota.Status.Used[name])
		if need.Cmp(left) > 0 {
			lacks = append(lacks, fmt.Sprintf("quota %s of namespace %s has %s of %s left, and the machine needs %s",
				quota.Name, quota.Namespace, left.String(), name, need.String()))
		}
	}
	return lacks
}

package scale

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// pods are those of a machine that moves, which it gets a second time where it goes: its own, and the ones by which
// volumes were plugged in. None when it does not run.
func (c *Controller) pods(ctx context.Context, migration *kubevirt.Migration) ([]corev1.Pod, error) {
	vmi := &kubevirt.VirtualMachineInstance{}
	err := c.Live.Get(ctx, client.ObjectKey{Namespace: migration.Namespace, Name: migration.Spec.VMIName}, vmi)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("find the instance of machine %s: %w", migration.Spec.VMIName, err)
	}
	if err != nil || vmi.Status.NodeName == "" {
		return nil, nil
	}
	all := &corev1.PodList{}
	if err := c.Live.List(ctx, all, client.InNamespace(migration.Namespace), client.HasLabels{kubevirt.AppLabel}); err != nil {
		return nil, fmt.Errorf("find the pods of machine %s: %w", migration.Spec.VMIName, err)
	}
	return podsOf(vmi, all.Items), nil
}

// podsOf are the pods of an instance where it runs now.
func podsOf(vmi *kubevirt.VirtualMachineInstance, all []corev1.Pod) []corev1.Pod {
	at := slices.IndexFunc(all, func(pod corev1.Pod) bool {
		return pod.Labels[kubevirt.AppLabel] == kubevirt.AppLauncher && metav1.IsControlledBy(&pod, vmi) &&
			pod.Spec.NodeName == vmi.Status.NodeName && pod.Status.Phase == corev1.PodRunning
	})
	if at < 0 {
		return nil
	}
	launcher := &all[at]
	pods := []corev1.Pod{*launcher}
	for i := range all {
		if metav1.IsControlledBy(&all[i], launcher) {
			pods = append(pods, all[i])
		}
	}
	return pods
}

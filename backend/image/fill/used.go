package fill

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// untilFree stops when CDI waits for somebody to let go of the claim that it is to copy, which CDI says in an event of a
// claim that nobody knows, and nowhere else. That it goes on, CDI tells; that somebody has come, nobody does.
func (c *Controller) untilFree(ctx context.Context, image *image, state cdi.State) error {
	if image.Spec.SourceType != harvesterv1.ImageSourceVolume || state.Progress > 0 {
		return nil
	}
	from, pods := copied(image), &corev1.PodList{}
	if err := c.Live.List(ctx, pods, client.InNamespace(from.Namespace)); err != nil {
		return fmt.Errorf("look who uses volume %s: %w", from, err)
	}
	if sentence := used(from, pods.Items); sentence != "" {
		return phase.Wait(harvesterv1.ImageReasonSourceUsed, lookAgain, "%s", sentence)
	}
	return nil
}

// used says who among the pods of its namespace keeps CDI from copying a claim, "" when nobody does.
func used(claim types.NamespacedName, pods []corev1.Pod) string {
	for i := range pods {
		if !writes(&pods[i], claim.Name) {
			continue
		}
		if machine := machineOf(&pods[i], pods); machine != "" {
			return fmt.Sprintf("volume %s is copied once it is free: virtual machine %s runs with it. Stop the machine for that", claim, machine)
		}
		return fmt.Sprintf("volume %s is copied once it is free: pod %s uses it", claim, pods[i].Name)
	}
	return ""
}

// writes says whether a pod may write to a claim, by the rules of CDI v1.65 (GetPodsUsingPVCs).
func writes(pod *corev1.Pod, claim string) bool {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed || cdi.Copies(pod) {
		return false
	}
	return slices.ContainsFunc(pod.Spec.Volumes, func(volume corev1.Volume) bool {
		from := volume.PersistentVolumeClaim
		return from != nil && from.ClaimName == claim && !from.ReadOnly && slices.ContainsFunc(pod.Spec.Containers, func(in corev1.Container) bool {
			return mounts(in, volume.Name)
		})
	})
}

// mounts says whether a container has a volume to write to, as it may to every device.
func mounts(in corev1.Container, volume string) bool {
	return slices.ContainsFunc(in.VolumeDevices, func(device corev1.VolumeDevice) bool { return device.Name == volume }) ||
		slices.ContainsFunc(in.VolumeMounts, func(mount corev1.VolumeMount) bool { return mount.Name == volume && !mount.ReadOnly })
}

// machineOf is the machine that a pod is of: its own, or that of the pod which it plugs a disk into.
func machineOf(pod *corev1.Pod, pods []corev1.Pod) string {
	for i := range pods {
		owns := slices.ContainsFunc(pod.OwnerReferences, func(owner metav1.OwnerReference) bool { return owner.UID == pods[i].UID })
		if machine := kubevirt.MachineOf(&pods[i]); machine != "" && (owns || pods[i].UID == pod.UID) {
			return machine
		}
	}
	return ""
}

package handler

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/kubelet"
	"crofthci.io/croft/test/site/node"
)

const (
	defaultGrace = 30 * time.Second
	// pressAgain is how often the power button is pressed: a guest that is still
	// booting does not hear it.
	pressAgain = 5 * time.Second
	// lastLook is how long a QEMU may take to say that it has ended by itself.
	lastLook = 2 * time.Second
)

// shutDown brings a machine to its end: the power button while the grace period
// lasts, then force.
func (h *handler) shutDown(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) (time.Duration, error) {
	at := placeOf(vmi.UID, nodeOf(vmi))
	if vmi.Status.Phase == kubevirtv1.Scheduled && h.domains.get(at) == nil {
		return 0, h.end(ctx, vmi, view{Ended: true})
	}
	left := grace(vmi) - h.since(vmi.UID, "shutdown")
	if left <= 0 {
		return 0, h.force(ctx, vmi, at)
	}
	dom, err := h.find(ctx, vmi, at.node)
	if err != nil {
		return 0, err
	}
	seen, err := dom.look(ctx)
	if err != nil {
		return 0, err
	}
	if seen.Ended {
		return 0, h.end(ctx, vmi, seen)
	}
	if h.once(vmi.UID, "shutdown-told") {
		h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.ShuttingDown), "Signaled Graceful Shutdown")
	}
	if err := dom.powerDown(ctx); err != nil {
		return 0, err
	}
	seen, err = dom.look(ctx)
	if err == nil && seen.Ended {
		return 0, h.end(ctx, vmi, seen)
	}
	return min(left, pressAgain), err
}

// force ends a machine whose time is over, whether or not its QEMU answers.
func (h *handler) force(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, at place) error {
	over := view{Ended: true, Crashed: grace(vmi) > 0, Reason: "the guest did not power down in its grace period"}
	if dom := h.domains.get(at); dom != nil {
		ctx, cancel := context.WithTimeout(ctx, lastLook)
		defer cancel()
		if seen, err := dom.look(ctx); err == nil && seen.Ended {
			over = seen // by itself, at the last moment
		}
		dom.kill()
	}
	return h.end(ctx, vmi, over) // which kills what nobody holds
}

// grace is how long a guest may take to power down.
func grace(vmi *kubevirtv1.VirtualMachineInstance) time.Duration {
	if s := vmi.Spec.TerminationGracePeriodSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return defaultGrace
}

// end reports a machine that has ended: Succeeded in order, else Failed.
func (h *handler) end(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, seen view) error {
	before := vmi.DeepCopy()
	phase, kind, message := kubevirtv1.Succeeded, corev1.EventTypeNormal, "The VirtualMachineInstance was shut down."
	if seen.Crashed {
		phase, kind, message = kubevirtv1.Failed, corev1.EventTypeWarning, "The VirtualMachineInstance crashed."
		vmi.Status.Reason = seen.Reason
	}
	setPhase(&vmi.Status, phase, time.Now())
	if err := h.write(ctx, before, vmi); err != nil {
		return err
	}
	if h.once(vmi.UID, "ended") {
		h.events.Event(vmi, kind, string(kubevirtv1.Stopped), message)
	}
	return h.cleanUp(ctx, vmi)
}

// cleanUp removes what a machine that has ended leaves behind, and ends its
// pods as virt-launcher ends with its domain.
func (h *handler) cleanUp(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) error {
	key := client.ObjectKeyFromObject(vmi)
	for _, at := range h.domains.of(key, "") {
		if at.vmi == vmi.UID {
			h.drop(at)
		}
	}
	h.removeFiles(vmi.UID)
	h.site.ReleaseAddress(vmi.UID)
	h.forgetAll(vmi.UID)
	pods, err := h.launcherPods(ctx, vmi)
	if err != nil {
		return err
	}
	code, message := int32(0), ""
	if vmi.Status.Phase == kubevirtv1.Failed {
		code, message = 1, vmi.Status.Reason
	}
	for i := range pods {
		if err := h.endPod(ctx, &pods[i], code, message); err != nil {
			return err
		}
	}
	return nil
}

// endPod writes that a pod's containers have ended, if its node can.
func (h *handler) endPod(ctx context.Context, pod *corev1.Pod, code int32, message string) error {
	n, ours := h.site.NodeNumber(pod.Spec.NodeName)
	over := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	if over || !ours || node.Stopped(h.site, n) {
		return nil
	}
	changed := pod.DeepCopy()
	changed.Status = kubelet.Ended(pod, code, message, time.Now())
	patch := client.MergeFromWithOptions(pod, client.MergeFromWithOptimisticLock{})
	err := client.IgnoreNotFound(h.site.Client.Status().Patch(ctx, changed, patch))
	if err != nil {
		return fmt.Errorf("end pod %s: %w", pod.Name, err)
	}
	return nil
}

// needsPod keeps a deleted launcher pod as long as its machine lives.
func (h *handler) needsPod(pod *corev1.Pod) bool {
	uid := pod.Labels[kubevirtv1.CreatedByLabel]
	if uid == "" || pod.Labels[kubevirtv1.AppLabel] != "virt-launcher" {
		return false
	}
	return h.domains.get(placeOf(types.UID(uid), pod.Spec.NodeName)) != nil
}

// podLeaves is true when somebody deleted the pod that the machine runs in.
func (h *handler) podLeaves(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) bool {
	if vmi.Status.Phase != kubevirtv1.Running || migrating(vmi) {
		return false
	}
	pods, err := h.launcherPods(ctx, vmi)
	if err != nil {
		return false
	}
	mine, gone := 0, 0
	for _, pod := range pods {
		if pod.Spec.NodeName != nodeOf(vmi) {
			continue
		}
		mine++
		if pod.DeletionTimestamp != nil {
			gone++
		}
	}
	return mine > 0 && mine == gone
}

package handler

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// keep looks after a Running machine.
func (h *handler) keep(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) (time.Duration, error) {
	dom, err := h.find(ctx, vmi, nodeOf(vmi))
	if err != nil {
		return 0, err
	}
	h.guestFault(vmi, dom)
	thaw, err := h.thawWhenDue(ctx, vmi, dom)
	if err != nil {
		h.site.Log.Warn("handler", "machine", client.ObjectKeyFromObject(vmi), "error", err)
	}
	again, err := h.report(ctx, vmi, dom)
	if err == nil {
		h.tend(ctx, vmi, dom)
	}
	return soonest(again, thaw), err
}

// soonest is the shorter of two waits, of which 0 is none.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// tend does for a guest what its node's other services would. Troubles are told
// and tried again at the next look.
func (h *handler) tend(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, dom domain) {
	r, ok := dom.(emulated)
	if !ok {
		return
	}
	for what, do := range map[string]func() error{
		"forward ports": func() error { return r.TakeOver(ctx) }, // of one that has just moved here
		"grow disks":    func() error { return r.Grow(ctx) },
		"serial log":    func() error { return boundLog(h.serialLog(vmi.UID)) },
	} {
		if err := do(); r.unlessEnded(err) != nil {
			h.site.Log.Warn(what, "machine", client.ObjectKeyFromObject(vmi), "error", err)
		}
	}
}

// report writes what one look at the machine shows.
func (h *handler) report(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, dom domain) (time.Duration, error) {
	seen, err := dom.look(ctx)
	if err != nil {
		return 0, err
	}
	if seen.Ended {
		return 0, h.end(ctx, vmi, seen)
	}
	before := vmi.DeepCopy()
	agent := dom.agent(ctx)
	seen.Frozen = seen.Frozen || agent != nil && agent.frozen
	running(vmi, facts{view: seen, agent: agent, address: h.addressOf(vmi, dom), now: time.Now()})
	known, err := h.credentials(ctx, vmi, dom, agent)
	if err != nil {
		return 0, err
	}
	plugged, err := h.hotplug(ctx, vmi, dom)
	if err != nil {
		return 0, err
	}
	again := time.Duration(0)
	if _, ok := dom.(emulated); ok || known {
		again = lookAgain
	}
	if plugged {
		again = soon
	}
	return again, h.write(ctx, before, vmi)
}

// addressOf is where a machine answers: its own address for a guest, the pod's
// for a state.
func (h *handler) addressOf(vmi *kubevirtv1.VirtualMachineInstance, dom domain) netip.Addr {
	if r, ok := dom.(emulated); ok {
		if len(r.Machine.NICs) == 0 {
			return netip.Addr{}
		}
		return r.Machine.NICs[0].Address
	}
	return h.site.GuestAddress(vmi.UID)
}

func (h *handler) keepAddress(vmi *kubevirtv1.VirtualMachineInstance) {
	if len(vmi.Status.Interfaces) == 0 {
		return
	}
	if a, err := netip.ParseAddr(vmi.Status.Interfaces[0].IP); err == nil {
		h.site.KeepAddress(vmi.UID, a)
	}
}

// failSync tells why a machine cannot start, and tries again.
func (h *handler) failSync(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, cause error) (time.Duration, error) {
	before := vmi.DeepCopy()
	message := "server error. command SyncVMI failed: " + cause.Error()
	set(vmi, condition(kubevirtv1.VirtualMachineInstanceSynchronized, corev1.ConditionFalse, "Synchronizing with the Domain failed.", message), time.Now())
	if !equality.Semantic.DeepEqual(before.Status, vmi.Status) {
		h.events.Event(vmi, corev1.EventTypeWarning, string(kubevirtv1.SyncFailed), message)
	}
	return 5 * soon, h.write(ctx, before, vmi)
}

// write updates a machine on the version that was looked at, if it changed. A
// machine has no status subresource.
func (h *handler) write(ctx context.Context, before, vmi *kubevirtv1.VirtualMachineInstance) error {
	same := equality.Semantic.DeepEqual(before.Status, vmi.Status) &&
		equality.Semantic.DeepEqual(before.Labels, vmi.Labels) &&
		equality.Semantic.DeepEqual(before.Annotations, vmi.Annotations)
	if same {
		return nil
	}
	return h.client.Update(ctx, vmi.DeepCopy())
}

// podIndex finds a machine's launcher pods among thousands.
const podIndex = "launcher"

// indexPod is the uid of the machine that a launcher pod is for.
func indexPod(object client.Object) []string {
	uid := object.GetLabels()[kubevirtv1.CreatedByLabel]
	if uid == "" || object.GetLabels()[kubevirtv1.AppLabel] != "virt-launcher" {
		return nil
	}
	return []string{uid}
}

// launcherPods are the pods that a machine has or had, on any node.
func (h *handler) launcherPods(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) ([]corev1.Pod, error) {
	var pods corev1.PodList
	err := h.cache.List(ctx, &pods, client.InNamespace(vmi.Namespace), client.MatchingFields{podIndex: string(vmi.UID)})
	if err != nil {
		return nil, fmt.Errorf("launcher pods: %w", err)
	}
	return slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool { return p.Spec.NodeName == "" }), nil
}

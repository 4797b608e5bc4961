package handler

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// migrationOver ends the pod that lost: the source's, or after a failure the
// target's.
func (h *handler) migrationOver(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) error {
	m := vmi.Status.MigrationState
	loser, code := m.SourceNode, int32(0)
	if m.Failed {
		loser, code = m.TargetNode, 1
		h.dropTarget(vmi)
	}
	pods, err := h.launcherPods(ctx, vmi)
	if err != nil {
		return err
	}
	for i := range pods {
		if pods[i].Spec.NodeName != loser || loser == nodeOf(vmi) {
			continue
		}
		if err := h.endPod(ctx, &pods[i], code, m.FailureReason); err != nil {
			return err
		}
	}
	before := vmi.DeepCopy()
	delete(vmi.Labels, kubevirtv1.MigrationTargetNodeNameLabel)
	return h.write(ctx, before, vmi)
}

// abort gives up a move because somebody asked for it.
func (h *handler) abort(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	vmi.Status.MigrationState.AbortStatus = kubevirtv1.MigrationAbortSucceeded
	h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.Migrating), "VirtualMachineInstance is aborting migration.")
	return h.migrationFailed(ctx, vmi, source, "Live migration aborted")
}

// migrationFailed reports that the machine stays where it is.
func (h *handler) migrationFailed(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain, reason string) (time.Duration, error) {
	if r, ok := source.(emulated); ok {
		if err := r.CancelMigration(ctx); err != nil {
			h.site.Log.Warn("cancel migration", "machine", vmi.Namespace+"/"+vmi.Name, "error", err)
		}
	}
	h.dropTarget(vmi)
	h.goOn(ctx, vmi, source)
	m := vmi.Status.MigrationState
	now := metav1.Now()
	if m.StartTimestamp == nil {
		m.StartTimestamp = &now
	}
	m.EndTimestamp, m.Failed, m.Completed, m.FailureReason = &now, true, true, reason
	h.events.Event(vmi, corev1.EventTypeWarning, string(kubevirtv1.Migrated),
		fmt.Sprintf("VirtualMachineInstance migration uid %s failed. reason:%s", m.MigrationUID, reason))
	return 0, h.client.Update(ctx, vmi.DeepCopy())
}

// goOn lets a source run that had sent all of its guest to a target in vain, unless
// it was paused before.
func (h *handler) goOn(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) {
	r, ok := source.(emulated)
	if !ok || indexOf(vmi, kubevirtv1.VirtualMachineInstancePaused) >= 0 {
		return
	}
	if err := r.GoOn(ctx); err != nil {
		h.site.Log.Warn("go on after a move", "machine", vmi.Namespace+"/"+vmi.Name, "error", err)
	}
}

// dropTarget ends the machine that waited in vain, also one that an earlier
// process started.
func (h *handler) dropTarget(vmi *kubevirtv1.VirtualMachineInstance) {
	m := vmi.Status.MigrationState
	if m.TargetNode == nodeOf(vmi) {
		return
	}
	if dom := h.domains.take(placeOf(vmi.UID, m.TargetNode)); dom != nil {
		dom.kill()
	}
	h.removeRun(runDir(h.site.GuestDir(vmi.UID), m.TargetNode))
}

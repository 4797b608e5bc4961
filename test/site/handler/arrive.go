package handler

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// quitPatience is how long the source of a move may take to quit.
const quitPatience = 10 * time.Second

// arrived ends the source and says that the target runs. Every step may be the
// last one of this process: whoever comes next finds a source that has ended and
// a target with the guest, and goes on from there (sourceEnded). Once the source
// is told to quit the target is the machine, and nothing that fails ends it.
func (h *handler) arrived(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	target, err := h.find(ctx, vmi, vmi.Status.MigrationState.TargetNode)
	if err != nil {
		return 0, err
	}
	seen, err := target.look(ctx)
	if err != nil {
		return 0, err
	}
	if seen.Ended {
		return h.migrationFailed(ctx, vmi, source, "take over: "+seen.Reason)
	}
	if next, ok := target.(emulated); ok {
		if here, err := next.Arrived(ctx); err != nil || !here {
			return pollMigration, err
		}
	}
	if err := handTo(ctx, source, target); err != nil {
		return h.migrationFailed(ctx, vmi, source, "take over: "+err.Error())
	}
	h.consoles.close(vmi.UID)
	h.retire(ctx, vmi, source)
	h.settleIn(ctx, vmi, target)

	before := vmi.DeepCopy()
	m := vmi.Status.MigrationState
	now := metav1.Now()
	if m.StartTimestamp == nil {
		m.StartTimestamp = &now // whoever began the move was killed before it could say so
	}
	m.TargetNodeDomainDetected, m.TargetNodeDomainReadyTimestamp = true, &now
	if m.TargetState != nil {
		m.TargetState.DomainDetected, m.TargetState.DomainReadyTimestamp = true, &now
	}
	unset(vmi, kubevirtv1.VirtualMachineInstanceMigrationRequired)
	return 0, h.write(ctx, before, vmi)
}

// handTo gives a state that is nothing else to its target. A guest has sent its own.
func handTo(ctx context.Context, source, target domain) error {
	next, ok := target.(*simulated)
	if !ok {
		return nil
	}
	if _, isGuest := source.(emulated); isGuest {
		return errors.New("the target has no guest")
	}
	seen, err := source.look(ctx)
	if err != nil {
		return err
	}
	return next.change(func(v *view) { *v = seen })
}

// retire ends the source; from here on its end is nobody's crash.
func (h *handler) retire(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) {
	from := placeOf(vmi.UID, vmi.Status.MigrationState.SourceNode)
	h.domains.take(from)
	if old, ok := source.(emulated); ok {
		ctx, cancel := context.WithTimeout(ctx, quitPatience)
		defer cancel()
		if err := old.Quit(ctx); err == nil {
			select {
			case <-old.Done():
			case <-ctx.Done():
			}
		}
		old.Kill()
	}
	h.removeRun(runDir(h.site.GuestDir(vmi.UID), from.node))
}

// settleIn makes the target the machine. Ports that cannot be forwarded now are
// at the next look at the machine.
func (h *handler) settleIn(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, target domain) {
	next, ok := target.(emulated)
	if !ok {
		return
	}
	m := vmi.Status.MigrationState
	h.hold(placeOf(vmi.UID, m.TargetNode), client.ObjectKeyFromObject(vmi), next)
	if err := next.TakeOver(ctx); err != nil {
		h.site.Log.Warn("forward ports", "machine", next.Machine.Name, "error", err)
	}
	h.site.Log.Info("guest moved", "machine", next.Machine.Name, "from", m.SourceNode, "to", m.TargetNode)
}

// sourceEnded tells a source that has handed its guest over, before this process
// or the one before could say so, from one that ended with it.
func (h *handler) sourceEnded(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain, seen view) (time.Duration, error) {
	target, err := h.find(ctx, vmi, vmi.Status.MigrationState.TargetNode)
	if err != nil {
		return 0, err
	}
	next, ok := target.(emulated)
	if !ok {
		return 0, h.end(ctx, vmi, seen)
	}
	there, err := next.look(ctx)
	if err != nil {
		return 0, err
	}
	here, err := next.Arrived(ctx)
	switch {
	case there.Ended:
		return 0, h.end(ctx, vmi, seen)
	case err != nil:
		return 0, err
	case !here:
		return 0, h.end(ctx, vmi, seen)
	}
	return h.arrived(ctx, vmi, source)
}

package handler

import (
	"context"
	"fmt"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/guest"
)

func (h *handler) limits(vmi *kubevirtv1.VirtualMachineInstance) guest.Limits {
	l := guest.Limits{}
	if fault := h.migrationFault(vmi); fault.stall || fault.slow > 0 {
		l.Bandwidth = 1000 // so slow that it is under way and never arrives
		return l
	}
	if c := vmi.Status.MigrationState.MigrationConfiguration; c != nil {
		if c.BandwidthPerMigration != nil {
			l.Bandwidth = c.BandwidthPerMigration.Value()
		}
		l.AutoConverge = c.AllowAutoConverge != nil && *c.AllowAutoConverge
	}
	return l
}

// watchMove asks how far the move is, and goes on when it has arrived.
func (h *handler) watchMove(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	m := vmi.Status.MigrationState
	since := time.Since(m.StartTimestamp.Time)
	fault := h.migrationFault(vmi)
	if fault.fail && since > simulatedMove/2 {
		return h.migrationFailed(ctx, vmi, source, "Live migration failed: ordered by the fault \"migration\"")
	}
	if limit := completionTimeout(vmi); since > limit {
		return h.migrationFailed(ctx, vmi, source, fmt.Sprintf("Live migration is not completed after %d seconds and has been aborted", int(limit.Seconds())))
	}
	r, guests := source.(emulated)
	if !guests {
		if fault.stall || since < max(simulatedMove, fault.slow) {
			return pollMigration, nil
		}
		return h.arrived(ctx, vmi, source)
	}
	if fault.slow > 0 && since >= fault.slow && h.once(vmi.UID, "speed-"+string(m.MigrationUID)) {
		if err := r.SetBandwidth(ctx, 0); err != nil {
			return 0, err
		}
	}
	progress, err := r.Migration(ctx)
	if err != nil {
		return 0, err
	}
	switch progress.Status {
	case "completed":
		return h.arrived(ctx, vmi, source)
	case "failed", "cancelled":
		return h.migrationFailed(ctx, vmi, source, "Live migration failed: "+progress.Error)
	case "", "none": // this process came back and found a move that never began
		return h.migrationFailed(ctx, vmi, source, "Live migration was interrupted")
	default:
		return pollMigration, nil
	}
}

// completionTimeout is how long a machine may move, by its size.
func completionTimeout(vmi *kubevirtv1.VirtualMachineInstance) time.Duration {
	perGiB := int64(defaultTimeoutPerGiB)
	if c := vmi.Status.MigrationState.MigrationConfiguration; c != nil && c.CompletionTimeoutPerGiB != nil {
		perGiB = *c.CompletionTimeoutPerGiB
	}
	gib := max(1, (memory(vmi)+1<<30-1)>>30)
	return time.Duration(perGiB*gib) * time.Second
}

// arrived ends the source and says that the target runs.
func (h *handler) arrived(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	m := vmi.Status.MigrationState
	target, err := h.find(ctx, vmi, m.TargetNode)
	if err != nil {
		return 0, err
	}
	if err := h.takeOver(ctx, vmi, source, target); err != nil {
		return h.migrationFailed(ctx, vmi, source, "take over: "+err.Error())
	}
	before := vmi.DeepCopy()
	now := metav1.Now()
	m.TargetNodeDomainDetected, m.TargetNodeDomainReadyTimestamp = true, &now
	if m.TargetState != nil {
		m.TargetState.DomainDetected, m.TargetState.DomainReadyTimestamp = true, &now
	}
	unset(vmi, kubevirtv1.VirtualMachineInstanceMigrationRequired)
	return 0, h.write(ctx, before, vmi)
}

// takeOver makes the target the machine: its ports, its end.
func (h *handler) takeOver(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source, target domain) error {
	from := placeOf(vmi.UID, vmi.Status.MigrationState.SourceNode)
	to := placeOf(vmi.UID, vmi.Status.MigrationState.TargetNode)
	h.consoles.close(vmi.UID)
	old, isGuest := source.(emulated)
	next, both := target.(emulated)
	if !isGuest || !both {
		seen, err := source.look(ctx)
		if s, ok := target.(*simulated); ok && err == nil {
			s.now = seen
		}
		h.domains.take(from)
		return err
	}
	if err := next.WaitRunning(ctx); err != nil {
		return err
	}
	h.domains.take(from) // from here on its end is nobody's crash
	if err := old.Quit(ctx); err != nil {
		old.Kill()
	}
	<-old.Done()
	if err := os.RemoveAll(runDir(h.site.GuestDir(vmi.UID), from.node)); err != nil {
		h.site.Log.Warn("guest folder", "error", err)
	}
	if err := next.TakeOver(ctx); err != nil {
		return err
	}
	h.hold(to, client.ObjectKeyFromObject(vmi), next)
	h.site.Log.Info("guest moved", "machine", next.Machine.Name, "from", from.node, "to", to.node)
	return nil
}

package handler

import (
	"context"
	"fmt"
	"time"

	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

func (h *handler) limits(vmi *kubevirtv1.VirtualMachineInstance) guest.Limits {
	l := guest.Limits{WaitBeforeEnd: volumesMove(vmi)}
	if h.migrationFault(vmi) != (moveFault{}) {
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
		if err := h.carry(ctx, vmi); err != nil {
			return h.migrationFailed(ctx, vmi, source, "copy volumes: "+err.Error())
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
	case guest.BeforeEnd:
		return h.carryAndGoOn(ctx, vmi, source, r)
	case "completed":
		// Not sent, see migrate: either QEMU has not put it aside yet, or the target
		// was lost and it goes on.
		if now, err := r.Status(ctx); err != nil || now != "running" {
			return pollMigration, err
		}
		return h.migrationFailed(ctx, vmi, source, "take over: the target was lost")
	case "failed", "cancelled":
		return h.migrationFailed(ctx, vmi, source, "Live migration failed: "+progress.Error)
	case "", "none": // this process came back and found a move that never began
		return h.migrationFailed(ctx, vmi, source, "Live migration was interrupted")
	default:
		return pollMigration, nil
	}
}

// carryAndGoOn copies the volumes of a guest that has stopped for it, and lets it go on at its target.
func (h *handler) carryAndGoOn(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain, r emulated) (time.Duration, error) {
	if err := h.carry(ctx, vmi); err != nil {
		return h.migrationFailed(ctx, vmi, source, "copy volumes: "+err.Error())
	}
	return pollMigration, r.EndMigration(ctx)
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

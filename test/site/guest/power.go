package guest

import (
	"context"
	"time"
)

// PowerDown presses the power button; the guest decides.
func (g *Guest) PowerDown(ctx context.Context) error {
	// A soft reboot that the guest did not hear must not make a reboot of this.
	if err := g.setReboot(ctx, time.Time{}); err != nil {
		return err
	}
	return g.run(ctx, "system_powerdown", nil, nil)
}

// Reboot presses the power button and starts the machine again as soon as the
// guest has powered down, if it does so in time: the soft reboot of machines
// without a guest agent. FinishReboot does the second half.
func (g *Guest) Reboot(ctx context.Context, patience time.Duration) error {
	if err := g.setReboot(ctx, time.Now().Add(patience)); err != nil {
		return err
	}
	return g.run(ctx, "system_powerdown", nil, nil)
}

// FinishReboot goes on with a Reboot when the guest has powered down by now, and
// gives it up when the guest has not for too long. It answers false while there
// is something to wait for.
func (g *Guest) FinishReboot(ctx context.Context) (bool, error) {
	status, err := g.Status(ctx)
	if err != nil {
		return false, err
	}
	if status != "shutdown" {
		by := g.rebootBy()
		if by.IsZero() || time.Now().Before(by) {
			return by.IsZero(), nil
		}
		return true, g.setReboot(ctx, time.Time{})
	}
	if err := g.setReboot(ctx, time.Time{}); err != nil {
		return false, err
	}
	if err := g.Reset(ctx); err != nil {
		return false, err
	}
	return true, g.Resume(ctx)
}

// setReboot says what becomes of the machine when the guest powers down: until
// a time it is started again, without one it ends. The time is written down,
// because whoever waits for it may be another process.
func (g *Guest) setReboot(ctx context.Context, by time.Time) error {
	action := "poweroff"
	if !by.IsZero() {
		action = "pause"
	}
	if err := g.run(ctx, "set-action", map[string]string{"shutdown": action}, nil); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.Machine.RebootBy.Equal(by) {
		return nil
	}
	g.Machine.RebootBy = by
	return writeMachine(g.dir, g.Machine)
}

func (g *Guest) rebootBy() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.Machine.RebootBy
}

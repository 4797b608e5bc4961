package handler

import (
	"context"
	"errors"
	"net"

	"crofthci.io/croft/test/site/guest"
)

// real is a machine in QEMU.
type real struct{ *guest.Guest }

func (r real) look(ctx context.Context) (view, error) {
	select {
	case <-r.Done():
		exit := r.Exit()
		return view{Ended: true, Crashed: exit.Crashed(), Reason: exit.String()}, nil
	default:
	}
	if _, err := r.FinishReboot(ctx); err != nil {
		return view{}, r.unlessEnded(err)
	}
	status, err := r.Status(ctx)
	if err != nil {
		return view{}, r.unlessEnded(err)
	}
	return view{Paused: status == "paused" || status == "io-error", Frozen: r.Frozen()}, nil
}

// unlessEnded hides an error that only says that QEMU has just ended: the next
// look, which its end causes, tells how.
func (r real) unlessEnded(err error) error {
	select {
	case <-r.Done():
		return nil
	default:
		return err
	}
}

func (r real) pause(ctx context.Context) error     { return r.Pause(ctx) }
func (r real) resume(ctx context.Context) error    { return r.Resume(ctx) }
func (r real) reset(ctx context.Context) error     { return r.Reset(ctx) }
func (r real) reboot(ctx context.Context) error    { return r.Reboot(ctx) }
func (r real) powerDown(ctx context.Context) error { return r.PowerDown(ctx) }
func (r real) kill()                               { r.Kill() }
func (r real) freeze(ctx context.Context) error    { return r.Freeze(ctx) }
func (r real) thaw(ctx context.Context) error      { return r.Thaw(ctx) }
func (r real) detach()                             { r.Detach() }

func (r real) plug(ctx context.Context, d guest.Disk) error {
	if r.Has(d.Name) {
		return nil
	}
	return r.Plug(ctx, d)
}

func (r real) unplug(ctx context.Context, name string) error { return r.Unplug(ctx, name) }

func (r real) serial(ctx context.Context) (net.Conn, error) { return r.Serial(ctx) }

func (r real) vnc(ctx context.Context) (net.Conn, error) {
	if !r.Machine.Video {
		return nil, errors.New("this machine has no graphics device (autoattachGraphicsDevice is false)")
	}
	return r.VNC(ctx)
}

func (r real) screenshot(ctx context.Context) ([]byte, error) { return r.Screenshot(ctx) }

func (r real) agent(ctx context.Context) *agentInfo {
	info, err := r.Agent(ctx)
	if err != nil {
		return nil // no agent is the usual case, and the next look asks again
	}
	return fromGuest(info)
}

package handler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"

	"crofthci.io/croft/test/site/guest"
)

// emulated is a machine in QEMU.
type emulated struct{ *guest.Guest }

func (r emulated) look(ctx context.Context) (view, error) {
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
	return viewOf(status), nil
}

// viewOf reads QEMU's run state.
func viewOf(status string) view {
	switch status {
	case "io-error":
		return view{Paused: true, IOError: true}
	case "paused", "prelaunch", "postmigrate":
		return view{Paused: true}
	default:
		return view{}
	}
}

// unlessEnded hides an error that only says that QEMU has just ended: the next
// look, which its end causes, tells how.
func (r emulated) unlessEnded(err error) error {
	select {
	case <-r.Done():
		return nil
	default:
		return err
	}
}

func (r emulated) pause(ctx context.Context) error     { return r.Pause(ctx) }
func (r emulated) resume(ctx context.Context) error    { return r.Resume(ctx) }
func (r emulated) reset(ctx context.Context) error     { return r.Reset(ctx) }
func (r emulated) reboot(ctx context.Context) error    { return r.Reboot(ctx, rebootPatience) }
func (r emulated) powerDown(ctx context.Context) error { return r.PowerDown(ctx) }
func (r emulated) kill()                               { r.Kill() }
func (r emulated) freeze(ctx context.Context) error    { return r.Freeze(ctx) }
func (r emulated) thaw(ctx context.Context) error      { return r.Thaw(ctx) }
func (r emulated) detach()                             { r.Detach() }

func (r emulated) plug(ctx context.Context, d guest.Disk) error {
	if _, drive := r.Drive(d.Name); drive {
		return r.Insert(ctx, d)
	}
	if r.Has(d.Name) {
		return nil
	}
	return r.Plug(ctx, d)
}

func (r emulated) unplug(ctx context.Context, name string) error { return r.Unplug(ctx, name) }

func (r emulated) serial(ctx context.Context) (net.Conn, error) { return r.Serial(ctx) }

func (r emulated) vnc(ctx context.Context) (net.Conn, error) {
	if !r.Machine.Video {
		return nil, errors.New("this machine has no graphics device (autoattachGraphicsDevice is false)")
	}
	return r.VNC(ctx)
}

func (r emulated) screenshot(ctx context.Context) ([]byte, error) { return r.Screenshot(ctx) }

func (r emulated) usage(ctx context.Context) (guest.Usage, error) { return r.Usage(ctx) }

func (r emulated) agent(ctx context.Context) *agentInfo {
	info, err := r.Agent(ctx)
	if err != nil {
		return nil // no agent is the usual case, and the next look asks again
	}
	return fromGuest(info)
}

func (r emulated) admit(ctx context.Context, c credentials) error {
	for _, user := range slices.Sorted(maps.Keys(c.keys)) {
		if err := r.SetKeys(ctx, user, c.keys[user]); err != nil {
			return fmt.Errorf("Error encountered writing ssh pub key access credentials for user [%s]: %w", user, err) //nolint:revive,staticcheck // KubeVirt's words
		}
	}
	for _, user := range slices.Sorted(maps.Keys(c.passwords)) {
		if err := r.SetPassword(ctx, user, c.passwords[user]); err != nil {
			return fmt.Errorf("Error encountered setting password for user [%s]: %w", user, err) //nolint:revive,staticcheck // KubeVirt's words
		}
	}
	return nil
}

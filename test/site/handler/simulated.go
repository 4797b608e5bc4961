package handler

import (
	"bufio"
	"context"
	"net"
	"sync"

	"crofthci.io/croft/test/site/guest"
)

// simulated is a machine that is nothing but its state.
type simulated struct {
	mu       sync.Mutex
	now      view
	hasAgent bool
	hostname string
	// deaf guests do not hear the power button.
	deaf bool
}

func (s *simulated) usage(context.Context) (guest.Usage, error) { return guest.Usage{}, errSimulated }

func (s *simulated) look(context.Context) (view, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now, nil
}

func (s *simulated) change(change func(*view)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.now)
	return nil
}

func (s *simulated) pause(context.Context) error {
	return s.change(func(v *view) { v.Paused = true })
}

func (s *simulated) resume(context.Context) error {
	return s.change(func(v *view) { v.Paused = false })
}

func (s *simulated) reset(context.Context) error { return nil }

func (s *simulated) reboot(context.Context) error { return nil }

func (s *simulated) powerDown(context.Context) error {
	return s.change(func(v *view) { v.Ended = v.Ended || !s.deaf })
}

func (s *simulated) kill() {
	_ = s.change(func(v *view) {
		if !v.Ended {
			v.Ended, v.Crashed, v.Reason = true, true, "the machine was killed"
		}
	})
}

func (s *simulated) freeze(context.Context) error {
	return s.change(func(v *view) { v.Frozen = true })
}

func (s *simulated) thaw(context.Context) error {
	return s.change(func(v *view) { v.Frozen = false })
}

func (s *simulated) plug(context.Context, guest.Disk) error { return nil }

func (s *simulated) unplug(context.Context, string) error { return nil }

// serial answers every line with the sentence that nobody is there.
func (s *simulated) serial(context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer ours.Close()
		lines := bufio.NewReader(ours)
		for {
			if _, err := ours.Write([]byte("\r\n" + errSimulated.Error() + ".\r\n")); err != nil {
				return
			}
			if _, err := lines.ReadBytes('\r'); err != nil {
				return
			}
		}
	}()
	return theirs, nil
}

func (s *simulated) vnc(context.Context) (net.Conn, error) { return nil, errSimulated }

func (s *simulated) screenshot(context.Context) ([]byte, error) { return nil, errSimulated }

func (s *simulated) agent(context.Context) *agentInfo {
	if !s.hasAgent {
		return nil
	}
	return simulatedAgent(s.hostname)
}

// admit is forgotten: nobody comes in.
func (s *simulated) admit(context.Context, credentials) error { return nil }

func (s *simulated) detach() {}

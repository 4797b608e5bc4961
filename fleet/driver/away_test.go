package driver

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rancher/machine/libmachine/state"

	"crofthci.io/croft/pkg/kubevirt"
)

// faults are the ways in which a site is cut off.
var faults = []fault{hangUp, silent}

// started is a create that has asked for its machine, and waits for its address.
type started struct {
	tenant
	driver *Driver
	cable  *cable
	vm     *kubevirt.VirtualMachine
	end    context.CancelFunc
	result chan error
}

// start begins to make a machine through a cable.
func start(t *testing.T, name string) started {
	t.Helper()
	c := newCable(t)
	tn := newTenant(t).through(c)
	tn.image("debian")
	d, err := tn.driver(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.prepare()
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	s := started{tn, d, c, nil, end, make(chan error, 1)}
	go func() { s.result <- d.create(ctx, m) }()
	eventually(t, "the machine and its secret are there", func() bool { return len(tn.machines()) == 1 && tn.hasSecret() })
	s.vm = tn.machine(name)
	return s
}

// waits holds that something has not ended.
func waits(t *testing.T, what string, result <-chan error) {
	t.Helper()
	select {
	case err := <-result:
		t.Fatalf("%s has ended: %v", what, err)
	default:
	}
}

// notice waits until the driver has asked in vain so often.
func (s started) notice(rounds int32) {
	s.Helper()
	eventually(s.T, "the driver asks again", func() bool { return s.cable.rounds.Load() >= rounds })
}

// TestCutWhileWaiting holds that create goes on when its site is there again, though the address came meanwhile.
func TestCutWhileWaiting(t *testing.T) {
	for _, how := range faults {
		t.Run(string(how), func(t *testing.T) {
			s := start(t, "patient")
			s.cable.set(how)
			s.run("patient", "192.0.2.20")
			s.notice(1)
			waits(t, "create, whose site is away,", s.result)
			s.cable.set(none)
			if err := <-s.result; err != nil {
				t.Fatal(err)
			}
			if machines := s.machines(); len(machines) != 1 || machines[0].UID != s.vm.UID || s.driver.IPAddress != "192.0.2.20" {
				t.Errorf("one machine, with its address: %d, %q", len(machines), s.driver.IPAddress)
			}
		})
	}
}

// TestCutUntilTimeIsOver holds that a create whose site stays away says what it has seen last, and that a retry goes on with
// its machine.
func TestCutUntilTimeIsOver(t *testing.T) {
	s := start(t, "forsaken")
	s.cable.set(hangUp)
	s.notice(3)
	s.end()
	contains(t, <-s.result, "machine forsaken has no address after 900 s: ", "it is Starting", "what was made of it is still there", "site site-1 cannot be reached")
	s.cable.set(none)
	if machines := s.machines(); len(machines) != 1 || machines[0].DeletionTimestamp != nil {
		t.Errorf("nobody could remove it: %d", len(machines))
	}
	retry := s.again(s.driver, nil)
	created := make(chan error, 1)
	go func() { created <- retry.Create() }()
	s.run("forsaken", "192.0.2.21")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	if machines := s.machines(); len(machines) != 1 || machines[0].UID != s.vm.UID {
		t.Errorf("one machine, and the same: %d", len(machines))
	}
}

// TestCutDuringRemove holds that a removal that has begun ends when the site is there again, and not before.
func TestCutDuringRemove(t *testing.T) {
	for _, how := range faults {
		t.Run(string(how), func(t *testing.T) {
			s := start(t, "leaving")
			s.run("leaving", "192.0.2.22")
			if err := <-s.result; err != nil {
				t.Fatal(err)
			}
			later := s.kept(s.driver)
			removed := make(chan error, 1)
			go func() { removed <- later.Remove() }()
			eventually(t, "the machine is being removed", func() bool { return s.machine("leaving").DeletionTimestamp != nil })
			s.cable.set(how)
			s.notice(1)
			s.release(s.vm)
			eventually(t, "the site has removed it", func() bool { return len(s.machines()) == 0 })
			waits(t, "remove, whose site is away,", removed)
			s.cable.set(none)
			if err := <-removed; err != nil {
				t.Fatal(err)
			}
			s.is(later, state.NotFound)
		})
	}
}

// TestCutBeforeRemove holds that a site that is away is an error of every removal, in words that rancher-machine does not take
// for a machine that is gone, and that the next removal removes.
func TestCutBeforeRemove(t *testing.T) {
	s := start(t, "staying")
	s.run("staying", "192.0.2.23")
	if err := <-s.result; err != nil {
		t.Fatal(err)
	}
	later := s.kept(s.driver)
	s.cable.set(hangUp)
	err := later.Remove()
	contains(t, err, "site site-1 cannot be reached")
	if strings.Contains(strings.ToLower(err.Error()), "not found") {
		t.Errorf("rancher-machine forgets the machine: %v", err)
	}
	if got, err := later.GetState(); got != state.None || err == nil {
		t.Errorf("its state: %s, %v", got, err)
	}
	s.cable.set(none)

	ctx, cancel := context.WithCancel(t.Context())
	removed := make(chan error, 1)
	go func() { removed <- later.remove(ctx) }()
	eventually(t, "the machine is being removed", func() bool { return s.machine("staying").DeletionTimestamp != nil })
	s.cable.set(hangUp)
	s.notice(3)
	cancel()
	contains(t, <-removed, "machine "+s.namespace+"/staying is not gone after 480 s: ")
	s.cable.set(none)
	s.release(s.vm)
	if err := later.Remove(); err != nil {
		t.Fatal(err)
	}
	s.is(later, state.NotFound)
}

// TestLostAnswer holds that a machine whose making was asked for, and not answered, is found and not made again.
func TestLostAnswer(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	d, err := tn.driver("unheard", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.prepare()
	if err != nil {
		t.Fatal(err)
	}
	lost := lose(m.site, http.MethodPost)
	if m.client, err = m.site.open(); err != nil {
		t.Fatal(err)
	}
	created := make(chan error, 1)
	go func() { created <- d.create(t.Context(), m) }()
	tn.run("unheard", "192.0.2.24")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	if machines := tn.machines(); len(machines) != 1 || lost.Load() < 3 {
		t.Errorf("one machine, though the answers of it and of its secret were lost: %d machines, %d answers", len(machines), lost.Load())
	}
}

// TestLostAnswerOfRemove holds that a removal goes on whose answer was lost.
func TestLostAnswerOfRemove(t *testing.T) {
	s := start(t, "mute")
	s.run("mute", "192.0.2.25")
	if err := <-s.result; err != nil {
		t.Fatal(err)
	}
	later := s.kept(s.driver)
	h, err := later.open()
	if err != nil {
		t.Fatal(err)
	}
	lost := lose(h.site, http.MethodDelete)
	if h.client, err = h.site.open(); err != nil {
		t.Fatal(err)
	}
	removed := make(chan error, 1)
	go func() { removed <- h.erase(t.Context(), s.machine("mute")) }()
	eventually(t, "it asks until it is answered", func() bool { return lost.Load() >= 3 })
	waits(t, "remove, whose machine is there,", removed)
	s.release(s.vm)
	if err := <-removed; err != nil {
		t.Fatal(err)
	}
	s.is(later, state.NotFound)
}

// lose has the first two answers to requests of a method lost on their way from a site, and counts the requests.
func lose(at site, method string) *atomic.Int32 {
	var asked atomic.Int32
	at.config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			answer, err := next.RoundTrip(request)
			if err == nil && request.Method == method && asked.Add(1) <= 2 {
				answer.Body.Close()
				return nil, errors.New("connection reset by peer")
			}
			return answer, err
		})
	})
	return &asked
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

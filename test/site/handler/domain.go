package handler

import (
	"context"
	"errors"
	"net"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/test/site/guest"
)

// domain is a machine that runs, or has just ended, on one node.
type domain interface {
	// look is what the machine does now.
	look(ctx context.Context) (view, error)
	pause(ctx context.Context) error
	resume(ctx context.Context) error
	reset(ctx context.Context) error
	reboot(ctx context.Context) error
	// powerDown presses the power button; the guest decides.
	powerDown(ctx context.Context) error
	// kill ends the machine at once and waits for it.
	kill()
	freeze(ctx context.Context) error
	thaw(ctx context.Context) error
	// plug and unplug change the disks of the running machine.
	plug(ctx context.Context, d guest.Disk) error
	unplug(ctx context.Context, name string) error
	serial(ctx context.Context) (net.Conn, error)
	vnc(ctx context.Context) (net.Conn, error)
	screenshot(ctx context.Context) ([]byte, error)
	// usage is what the machine has used.
	usage(ctx context.Context) (guest.Usage, error)
	// agent is what the guest's agent knows; nil without one.
	agent(ctx context.Context) *agentInfo
	// admit has the guest let users in by these keys alone, and by these
	// passwords.
	admit(ctx context.Context, c credentials) error
	// detach lets go of the machine; it runs on.
	detach()
}

// view is what one look at a machine shows.
type view struct {
	// Ended machines say how.
	Ended   bool
	Crashed bool
	// Reason for a person, of a crash.
	Reason string
	Paused bool
	// IOError machines are paused by QEMU, whose write to a disk failed.
	IOError bool
	Frozen  bool
}

// errSimulated is the answer of a machine that is a state only.
var errSimulated = errors.New("this machine is simulated, no guest runs in it: none of its disks holds anything bootable")

// place is where a domain is: a machine has two during a migration.
type place struct {
	vmi  types.UID
	node string
}

// domains are the machines that this process holds.
type domains struct {
	mu     sync.Mutex
	places map[place]domain
	keys   map[types.UID]types.NamespacedName
}

func newDomains() *domains {
	return &domains{places: map[place]domain{}, keys: map[types.UID]types.NamespacedName{}}
}

func (d *domains) get(at place) domain {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.places[at]
}

func (d *domains) put(at place, key types.NamespacedName, dom domain) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.places[at] = dom
	d.keys[at.vmi] = key
}

// take removes a domain from the list and returns it, nil if there is none.
func (d *domains) take(at place) domain {
	d.mu.Lock()
	defer d.mu.Unlock()
	dom := d.places[at]
	delete(d.places, at)
	for other := range d.places {
		if other.vmi == at.vmi {
			return dom
		}
	}
	delete(d.keys, at.vmi)
	return dom
}

// of lists the places of a machine's name, except those of one uid.
func (d *domains) of(key types.NamespacedName, except types.UID) []place {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []place
	for at := range d.places {
		if at.vmi != except && d.keys[at.vmi] == key {
			list = append(list, at)
		}
	}
	return list
}

// on lists the places on a node.
func (d *domains) on(node string) []place {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []place
	for at := range d.places {
		if at.node == node {
			list = append(list, at)
		}
	}
	return list
}

func (d *domains) detach() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, dom := range d.places {
		dom.detach()
	}
}

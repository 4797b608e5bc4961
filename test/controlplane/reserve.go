package controlplane

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// Reserve gives every name a free port that no other test is given before the release or the end of this process. What
// listens there starts only a while later, and the tests of other packages choose meanwhile.
func Reserve(names ...string) (ports Ports, release func(), err error) {
	const tries = 100
	for range tries {
		ports = Ports{}
		if err = ports.Choose(AllPorts, rand.Uint64(), nil, names...); err != nil {
			return nil, nil, err
		}
		if release, err = ports.reserve(); err == nil {
			return ports, release, nil
		}
	}
	return nil, nil, err
}

// ReserveNetwork is a part of the loopback network that no other test is given before the release or the end of this process.
func ReserveNetwork() (network netip.Prefix, release func(), err error) {
	const first, count = 100, 100
	for _, i := range rand.Perm(count) {
		var held net.Listener
		if held, err = mark("network", first+i); err == nil {
			return netip.PrefixFrom(netip.AddrFrom4([4]byte{127, byte(first + i)}), 16), func() { _ = held.Close() }, nil
		}
	}
	return netip.Prefix{}, nil, fmt.Errorf("no network is free: %w", err)
}

// mark marks a number for all processes of the machine: by a name of Linux' own, without a file, that goes with its process.
func mark(kind string, number int) (net.Listener, error) {
	return net.Listen("unix", fmt.Sprintf("@croft-test-%s-%d", kind, number))
}

// reserve marks ports.
func (p Ports) reserve() (release func(), err error) {
	var marks []net.Listener
	release = func() {
		for _, mark := range marks {
			_ = mark.Close()
		}
	}
	for name, port := range p {
		mark, err := mark("port", port)
		if err != nil {
			release()
			return nil, fmt.Errorf("reserve port %d of %s: %w", port, name, err)
		}
		marks = append(marks, mark)
	}
	return release, nil
}

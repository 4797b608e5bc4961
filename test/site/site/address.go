package site

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// The third byte of an address tells who owns it: nodes have 0, guests 1 to
// 127, pods 128 to 255.
const (
	guestRow, guestRows = 1, 127
	podRow, podRows     = 128, 128
)

// addresses gives every pod and guest of a site its own loopback address. Where
// a uid begins to look is its hash, so that a restarted site finds the same.
type addresses struct {
	base   [4]byte
	mu     sync.Mutex
	byUID  map[types.UID]netip.Addr
	byAddr map[netip.Addr]types.UID
}

func newAddresses(network netip.Prefix) *addresses {
	return &addresses{
		base:   network.Addr().As4(),
		byUID:  map[types.UID]netip.Addr{},
		byAddr: map[netip.Addr]types.UID{},
	}
}

func checkNetwork(p netip.Prefix) error {
	if !p.IsValid() || !p.Addr().Is4() || p.Bits() != 16 || !p.Addr().IsLoopback() {
		return fmt.Errorf("network %q: want a /16 inside 127.0.0.0/8, for example 127.21.0.0/16", p)
	}
	return nil
}

// NodeAddress is the address of node n, counted from 1.
func (s *Site) NodeAddress(n int) netip.Addr {
	a := s.addresses.base
	return netip.AddrFrom4([4]byte{a[0], a[1], 0, byte(n)})
}

// PodAddress is the address of a pod, the same at every call.
func (s *Site) PodAddress(uid types.UID) netip.Addr {
	return s.addresses.of(uid, podRow, podRows)
}

// GuestAddress is the address that a machine's ports are forwarded from.
func (s *Site) GuestAddress(vmi types.UID) netip.Addr {
	return s.addresses.of(vmi, guestRow, guestRows)
}

// KeepAddress remembers an address that was given out by an earlier process.
// It is ignored when somebody else holds the address by now.
func (s *Site) KeepAddress(uid types.UID, addr netip.Addr) {
	s.addresses.keep(uid, addr)
}

// ReleaseAddress gives the address of a pod or guest that is gone to others.
func (s *Site) ReleaseAddress(uid types.UID) { s.addresses.release(uid) }

func (a *addresses) of(uid types.UID, row, rows int) netip.Addr {
	a.mu.Lock()
	defer a.mu.Unlock()
	if addr, ok := a.byUID[uid]; ok {
		return addr
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(uid)) // a hash never fails to write
	places := rows * 254
	start := int(h.Sum32() % uint32(places))
	for i := range places {
		place := (start + i) % places
		addr := netip.AddrFrom4([4]byte{a.base[0], a.base[1], byte(row + place/254), byte(1 + place%254)})
		if _, taken := a.byAddr[addr]; taken {
			continue
		}
		a.byUID[uid], a.byAddr[addr] = addr, uid
		return addr
	}
	// More pods than addresses: they share, which only matters to those who listen.
	return netip.AddrFrom4([4]byte{a.base[0], a.base[1], byte(row + start/254), byte(1 + start%254)})
}

func (a *addresses) keep(uid types.UID, addr netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.byAddr[addr]; taken {
		return
	}
	if _, has := a.byUID[uid]; has {
		return
	}
	a.byUID[uid], a.byAddr[addr] = addr, uid
}

func (a *addresses) release(uid types.UID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if addr, ok := a.byUID[uid]; ok {
		delete(a.byAddr, addr)
		delete(a.byUID, uid)
	}
}

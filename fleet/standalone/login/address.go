package login

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// sitePrefix is what one customer of a provider has at least in IPv6, and so what
// one guesser can change his address in.
const sitePrefix = 64

// Addresses tells where requests come from.
type Addresses struct {
	// Trusted are the proxies whose X-Forwarded-For is believed. From anybody else
	// it is not: a guesser would write a new one each time.
	Trusted []netip.Prefix
}

// Of is the client's address as guessing is counted: an IPv4 address, or the /64
// of an IPv6 address.
func (a Addresses) Of(req *http.Request) string {
	peer, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return req.RemoteAddr
	}

	client := a.behind(peer.Addr(), req.Header.Values("X-Forwarded-For"))
	if client.Is4() {
		return client.String()
	}

	prefix, err := client.Prefix(sitePrefix)
	if err != nil {
		return client.String()
	}

	return prefix.String()
}

// behind goes back from the nearest hop, each of which was written by the one
// before it, to the first that nobody trusts.
func (a Addresses) behind(peer netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	peer = peer.Unmap().WithZone("")

	for _, hop := range slices.Backward(hops) {
		if !slices.ContainsFunc(a.Trusted, func(p netip.Prefix) bool { return p.Contains(peer) }) {
			break
		}

		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}

		peer = next.Unmap().WithZone("")
	}

	return peer
}

// Strangers counts the tokens that nobody knows by the address that they come from.
type Strangers struct {
	// Brake counts.
	Brake *Brake
	// Addresses tells where they come from.
	Addresses Addresses
}

// Blame counts one.
func (s Strangers) Blame(req *http.Request) { s.Brake.Blame(s.Addresses.Of(req)) }

// Blamed tells whether there were too many.
func (s Strangers) Blamed(req *http.Request) bool { return s.Brake.Blamed(s.Addresses.Of(req)) }

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

// forwarded are the headers in which a proxy says what address its client has asked.
// Links in answers begin with it.
var forwarded = []string{"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-API-Host", "X-API-URL-Prefix"}

// Direct takes requests as they are addressed. Which address a client has asked
// elsewhere is believed from trusted proxies alone: anybody else could say so, and the
// links of an answer, where clients send their tokens next, would lead where he likes.
func (a Addresses) Direct(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		peer, err := netip.ParseAddrPort(req.RemoteAddr)
		if err != nil || !a.trusts(peer.Addr().Unmap().WithZone("")) {
			req = req.Clone(req.Context())
			for _, name := range forwarded {
				req.Header.Del(name)
			}
		}

		next.ServeHTTP(rw, req)
	})
}

func (a Addresses) trusts(peer netip.Addr) bool {
	return slices.ContainsFunc(a.Trusted, func(p netip.Prefix) bool { return p.Contains(peer) })
}

// behind goes back from the nearest hop, each of which was written by the one
// before it, to the first that nobody trusts.
func (a Addresses) behind(peer netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	peer = peer.Unmap().WithZone("")

	for _, hop := range slices.Backward(hops) {
		if !a.trusts(peer) {
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

package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"crofthci.io/croft/pkg/outside"
)

// How long a source may take: to be reached, and to send the beginning of a file.
const (
	dialLimit  = 3 * time.Second
	probeLimit = 10 * time.Second
)

// errRefused is why a source is not asked: the server stands where its users do not, and must not fetch for them what
// they could not reach.
var errRefused = errors.New("is no place that images are fetched from")

// metadata are addresses outside of link-local networks where clouds tell their machines their secrets.
var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200")}

// Client is an HTTP client for sources that users name, which are reached as way says. It asks no link-local address, where
// clouds keep the secrets of a node, and a loopback address only when told so. The address is looked at when it is dialled,
// so that neither a name nor a redirection leads there. A proxy dials itself: it is told no such address, and what the names
// mean that it is told is its own to judge.
func Client(loopback bool, way outside.Way) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // one file is asked for once
	way.Through(transport)
	proxies := &proxies{between: transport.Proxy, loopback: loopback}
	transport.Proxy = proxies.of
	guarded := &net.Dialer{Timeout: dialLimit, Control: func(_, address string, _ syscall.RawConn) error {
		return unlessPublic(address, loopback)
	}}
	open := &net.Dialer{Timeout: dialLimit}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if proxies.is(address) {
			return open.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
	return &http.Client{Timeout: probeLimit, Transport: transport}
}

// unlessPublic refuses an address to dial.
func unlessPublic(address string, loopback bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s %w", address, errRefused)
	}
	ip := at.Addr().Unmap().WithZone("")
	local := ip.IsLoopback() || ip.IsUnspecified()
	special := ip.IsLinkLocalUnicast() || ip.IsMulticast()
	for _, other := range metadata {
		special = special || ip == other
	}
	if special || local && !loopback {
		return fmt.Errorf("%s %w", ip, errRefused)
	}
	return nil
}

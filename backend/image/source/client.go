package source

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
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

// Client is an HTTP client for sources that users name. It asks no link-local address, where clouds keep the secrets of a
// node, and a loopback address only when told so. The address is looked at when it is dialled, so that neither a name nor
// a redirection leads there.
func Client(loopback bool) *http.Client {
	dialer := &net.Dialer{Timeout: dialLimit, Control: func(_, address string, _ syscall.RawConn) error {
		return unlessPublic(address, loopback)
	}}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = dialer.DialContext
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

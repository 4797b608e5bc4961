package login

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestAddressOf(t *testing.T) {
	addresses := Addresses{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}

	cases := map[string]struct {
		reason, peer string
		forwarded    []string
		want         string
	}{
		"Direct":   {"nobody between", "192.0.2.1:4711", nil, "192.0.2.1"},
		"Forged":   {"anybody can write the header", "192.0.2.1:4711", []string{"198.51.100.7"}, "192.0.2.1"},
		"Proxy":    {"a trusted proxy says who asks", "10.0.0.1:4711", []string{"198.51.100.7"}, "198.51.100.7"},
		"Appended": {"what the client wrote is before what the proxy appended", "10.0.0.1:4711", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		"Chain":    {"two trusted proxies, in two headers", "10.0.0.1:4711", []string{"203.0.113.9", "198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		"Silent":   {"a trusted proxy that says nothing", "10.0.0.1:4711", nil, "10.0.0.1"},
		"Nonsense": {"what is no address is nobody's", "10.0.0.1:4711", []string{"198.51.100.7, unknown"}, "10.0.0.1"},
		"Six":      {"one guesser has a whole /64", "[2001:db8::1]:4711", nil, "2001:db8::/64"},
		"Mapped":   {"IPv4 in IPv6 is IPv4", "[::ffff:192.0.2.1]:4711", nil, "192.0.2.1"},
		"SixProxy": {"a proxy in IPv6", "[fd00::1]:4711", []string{"2001:db8:0:1::7"}, "2001:db8:0:1::/64"},
		"Pipe":     {"what has no port", "pipe", nil, "pipe"},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/v1-public/login", nil)
			req.RemoteAddr = tc.peer

			for _, line := range tc.forwarded {
				req.Header.Add("X-Forwarded-For", line)
			}

			if got := addresses.Of(req); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}

// TestDirect says what a request is addressed to, as anybody can and as a trusted proxy may.
func TestDirect(t *testing.T) {
	addresses := Addresses{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}

	cases := map[string]struct {
		reason, peer string
		kept         bool
	}{
		"Stranger": {"anybody can write the header", "192.0.2.1:4711", false},
		"Proxy":    {"a trusted proxy says what was asked", "10.0.0.1:4711", true},
		"Mapped":   {"IPv4 in IPv6 is IPv4", "[::ffff:10.0.0.1]:4711", true},
		"Pipe":     {"what has no address is nobody's", "pipe", false},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, header := range forwarded {
				req := httptest.NewRequest(http.MethodGet, "/v1/schemas", nil)
				req.RemoteAddr = tc.peer
				req.Header.Set(header, "elsewhere")

				got := false

				addresses.Direct(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
					got = req.Header.Get(header) != ""
				})).ServeHTTP(httptest.NewRecorder(), req)

				if got != tc.kept {
					t.Errorf("%s: %s is believed: %v", tc.reason, header, got)
				}
			}
		})
	}
}

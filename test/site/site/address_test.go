package site

import (
	"net/netip"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

func newTestSite() *Site {
	return &Site{
		Options:   Options{Name: "site-1", Nodes: 3, Data: "/data"},
		Faults:    NewFaults(),
		Players:   NewPlayers(),
		addresses: newAddresses(netip.MustParsePrefix("127.21.0.0/16")),
	}
}

func TestAddresses(t *testing.T) {
	s := newTestSite()
	if got := s.NodeAddress(2).String(); got != "127.21.0.2" {
		t.Errorf("node 2 has %s, want 127.21.0.2", got)
	}
	seen := map[netip.Addr]types.UID{}
	for i := range 3000 {
		uid := types.UID(string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)))
		pod, guest := s.PodAddress(uid), s.GuestAddress("vmi-"+uid)
		for _, a := range []netip.Addr{pod, guest} {
			if other, taken := seen[a]; taken {
				t.Fatalf("%s was given to %s and to %s", a, other, uid)
			}
			seen[a] = uid
		}
		if again := s.PodAddress(uid); again != pod {
			t.Fatalf("pod %s has %s, then %s", uid, pod, again)
		}
		if row := pod.As4()[2]; row < 128 {
			t.Fatalf("pod %s has %s, in the guests' or nodes' rows", uid, pod)
		}
		if row := guest.As4()[2]; row < 1 || row > 127 {
			t.Fatalf("guest %s has %s, in the pods' or nodes' rows", uid, guest)
		}
	}
}

func TestKeepAddress(t *testing.T) {
	s := newTestSite()
	kept := netip.MustParseAddr("127.21.9.9")
	s.KeepAddress("one", kept)
	if got := s.GuestAddress("one"); got != kept {
		t.Errorf("a kept address changed to %s", got)
	}
	s.KeepAddress("two", kept)
	if got := s.GuestAddress("two"); got == kept {
		t.Errorf("%s was given to two guests", kept)
	}
	s.ReleaseAddress("one")
	s.KeepAddress("three", kept)
	if got := s.GuestAddress("three"); got != kept {
		t.Errorf("a released address was not free: %s", got)
	}
}

func TestCheckNetwork(t *testing.T) {
	for reason, test := range map[string]struct {
		network string
		ok      bool
	}{
		"a /16 of the loopback network":   {"127.21.0.0/16", true},
		"a smaller one has no room":       {"127.21.0.0/24", false},
		"others would be seen outside":    {"10.0.0.0/16", false},
		"there is no IPv6 loopback range": {"::1/128", false},
	} {
		err := checkNetwork(netip.MustParsePrefix(test.network))
		if (err == nil) != test.ok {
			t.Errorf("%s: %s: %v", reason, test.network, err)
		}
	}
}

package controlplane_test

import (
	"testing"

	"crofthci.io/croft/test/controlplane"
)

// TestReserveNetwork holds the same of networks.
func TestReserveNetwork(t *testing.T) {
	one, release, err := controlplane.ReserveNetwork()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	another, releaseToo, err := controlplane.ReserveNetwork()
	if err != nil {
		t.Fatal(err)
	}
	defer releaseToo()
	if one == another || !one.Addr().IsLoopback() || one.Bits() != 16 {
		t.Errorf("got %s and %s", one, another)
	}
}

// TestReserve holds that a port is given to one alone, although nobody listens there yet.
func TestReserve(t *testing.T) {
	given := map[int]string{}
	for _, who := range []string{"a", "b", "c"} {
		ports, release, err := controlplane.Reserve(controlplane.Listeners...)
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		for name, port := range ports {
			if before := given[port]; before != "" {
				t.Errorf("port %d is given to %s and to %s", port, before, who+"/"+name)
			}
			given[port] = who + "/" + name
		}
	}
	if want := 3 * len(controlplane.Listeners); len(given) != want {
		t.Errorf("%d ports are given, want %d", len(given), want)
	}
}

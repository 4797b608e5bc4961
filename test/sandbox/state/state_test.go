package state_test

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/state"
)

func TestStateSurvives(t *testing.T) {
	dir := t.TempDir()
	if _, err := state.Read(dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("Read of an empty directory: got %v, want os.ErrNotExist", err)
	}
	first, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Choose("site-1", state.Block(17), 1, controlplane.Listeners...); err != nil {
		t.Fatal(err)
	}
	first.Octet = 21
	if err := first.Write(dir); err != nil {
		t.Fatal(err)
	}
	second, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Choose("site-1", state.Block(17), 2, controlplane.Listeners...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("a second run remembers differently: -first, +second:\n%s", diff)
	}
}

func TestChooseNeverGivesAPortTwice(t *testing.T) {
	s := state.State{Ports: map[string]controlplane.Ports{}}
	seen := map[int]string{}
	for _, cluster := range []string{"hub", "site-1", "site-2"} {
		// One seed for all is what would collide.
		ports, err := s.Choose(cluster, state.Block(17), 7, controlplane.Listeners...)
		if err != nil {
			t.Fatal(err)
		}
		for name, port := range ports {
			if other := seen[port]; other != "" {
				t.Errorf("%s/%s and %s have port %d", cluster, name, other, port)
			}
			seen[port] = cluster + "/" + name
		}
	}
}

func TestChooseNamesWhoHoldsAPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	s := state.State{Ports: map[string]controlplane.Ports{"hub": {"etcd": port}}}
	_, err = s.Choose("hub", state.Block(17), 1, "etcd")
	if err == nil || !strings.Contains(err.Error(), "hub/etcd is taken by state.test") {
		t.Errorf("Choose: got %v, want the cluster, the listener and the program that holds the port", err)
	}
}

func TestHold(t *testing.T) {
	dir := t.TempDir()
	first, err := state.Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := state.Hold(dir); err == nil || !strings.Contains(err.Error(), "a sandbox is running") {
		t.Errorf("a second Hold: got %v, want that a sandbox is running", err)
	}
	octet, err := first.Octets(0, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	other, err := state.Hold(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	apart, err := other.Octets(0, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if distance := apart - octet; distance > -2 && distance < 2 {
		t.Errorf("two sandboxes have octets %d and %d, their sites overlap", octet, apart)
	}
	first.Release()
	again, err := state.Hold(dir)
	if err != nil {
		t.Fatalf("Hold after Release: %v", err)
	}
	defer again.Release()
	if _, err := again.Octets(octet, 2, 1); err != nil {
		t.Errorf("the same networks after Release: %v", err)
	}
	if _, err := again.Octets(apart, 2, 1); err == nil {
		t.Error("took the networks of another sandbox")
	}
}

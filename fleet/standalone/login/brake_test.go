package login

import (
	"fmt"
	"testing"
	"time"
)

func TestBrake(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	brake := &Brake{Now: func() time.Time { return now }}

	for i := range burst {
		if _, ok := brake.Allow("ann", "10.0.0.1"); !ok {
			t.Fatalf("try %d: people mistype", i)
		}
	}

	if wait, ok := brake.Allow("ANN", "10.0.0.1"); ok || wait <= 0 {
		t.Error("the next try must wait, however the name is written")
	}

	if _, ok := brake.Allow("ann", "10.0.0.2"); !ok {
		t.Error("a guesser must not lock the user out elsewhere")
	}

	if _, ok := brake.Allow("bob", "10.0.0.1"); !ok {
		t.Error("another user at the same address must not wait")
	}

	now = now.Add(refill)
	if _, ok := brake.Allow("ann", "10.0.0.1"); !ok {
		t.Error("a try comes back")
	}

	if _, ok := brake.Allow("ann", "10.0.0.1"); ok {
		t.Error("but one")
	}

	brake.Forgive("Ann", "10.0.0.1")

	if _, ok := brake.Allow("ann", "10.0.0.1"); !ok {
		t.Error("who knew the password starts anew")
	}
}

func TestBrakeManyNames(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	brake := &Brake{Now: func() time.Time { return now }}
	allowed := 0

	for i := range 10 * addressBurst {
		if _, ok := brake.Allow(fmt.Sprint("user-", i), "10.0.0.1"); ok {
			allowed++
		}
	}

	if allowed != addressBurst {
		t.Errorf("one address has %d tries over all names, got %d", addressBurst, allowed)
	}
}

func TestBrakeFlood(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	brake := &Brake{Now: func() time.Time { return now }}

	for range burst {
		brake.Allow("ann", "10.0.0.1")
	}

	for i := range 3 * most {
		brake.Allow(fmt.Sprint("user-", i), fmt.Sprint("10.1.", i))
	}

	if len(brake.pairs.known) > most || len(brake.addresses.known) > most {
		t.Errorf("a flood must not fill the memory, got %d and %d brakes", len(brake.pairs.known), len(brake.addresses.known))
	}

	if _, ok := brake.Allow("ann", "10.0.0.1"); ok {
		t.Error("a flood must not make anybody forget one's own guessing")
	}

	now = now.Add(time.Hour)

	for i := range most {
		if _, ok := brake.Allow(fmt.Sprint("late-", i), fmt.Sprint("10.2.", i)); !ok {
			t.Fatalf("when the flood is over there is room again, not for number %d", i)
		}
	}
}

func TestBrakeAddressFirst(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	brake := &Brake{Now: func() time.Time { return now }}

	for i := range 10 * addressBurst {
		brake.Allow(fmt.Sprint("user-", i), "10.0.0.1")
	}

	if got := len(brake.pairs.known); got > addressBurst {
		t.Errorf("an address without tries must not add names, got %d", got)
	}
}

func TestBrakeBlame(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	brake := &Brake{Now: func() time.Time { return now }}

	for i := range addressBurst {
		if brake.Blamed("10.0.0.1") {
			t.Fatalf("number %d: an old cookie is no attack", i)
		}

		brake.Blame("10.0.0.1")
	}

	if !brake.Blamed("10.0.0.1") || brake.Blamed("10.0.0.2") {
		t.Error("who presents many tokens that nobody knows is blamed, and nobody else")
	}

	now = now.Add(addressRefill)
	if brake.Blamed("10.0.0.1") {
		t.Error("a try comes back")
	}
}

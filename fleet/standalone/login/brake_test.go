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

func TestBrakeForgets(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	brake := &Brake{Now: func() time.Time { return now }}

	for i := range 3 * most {
		now = now.Add(time.Second)
		brake.Allow("ann", fmt.Sprint("10.", i))
	}

	if len(brake.brakes) > most+2 {
		t.Errorf("guessing must not fill the memory, got %d brakes", len(brake.brakes))
	}
}

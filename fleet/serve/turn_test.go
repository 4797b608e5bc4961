package serve

import (
	"context"
	"errors"
	"runtime"
	"testing"
)

// TestTurns takes all turns: who comes then waits, until one is ended, and no longer than he likes.
func TestTurns(t *testing.T) {
	line := newTurns()
	var ends []func()
	for range runtime.GOMAXPROCS(0) {
		end, err := line.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	impatient, leave := context.WithCancel(t.Context())
	leave()
	if _, err := line.take(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("there is one turn more than processors: %v", err)
	}
	ends[0]()
	ends[0]() // a turn ends once
	if _, err := line.take(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := line.take(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("a turn that was ended twice has made two: %v", err)
	}
}

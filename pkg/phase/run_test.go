package phase_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/pkg/phase"
)

func TestRun(t *testing.T) {
	broken := errors.New("the API server is away")
	cases := map[string]struct {
		reason  string
		second  error
		visited []string
		result  ctrl.Result
		err     error
	}{
		"Done": {
			reason:  "every step is taken when none stops the run",
			visited: []string{"first", "second", "third"},
		},
		"Waits": {
			reason:  "a waiting step ends the run and names when to look again",
			second:  phase.Wait("Importing", time.Second, "%d %% are there", 40),
			visited: []string{"first", "second"},
			result:  ctrl.Result{RequeueAfter: time.Second},
		},
		"Stalls": {
			reason:  "a stalled step ends the run and is not tried again by itself",
			second:  phase.Stall("ClassNotFound", "storage class %q does not exist", "fast"),
			visited: []string{"first", "second"},
		},
		"Fails": {
			reason:  "any other error goes back to the queue",
			second:  broken,
			visited: []string{"first", "second"},
			err:     broken,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var visited []string
			step := func(name string, err error) phase.Step[*[]string] {
				return func(_ context.Context, seen *[]string) error {
					*seen = append(*seen, name)
					return err
				}
			}
			err := phase.Run(t.Context(), &visited, step("first", nil), step("second", tc.second), step("third", nil))
			result, err := phase.Result(err)
			if diff := cmp.Diff(tc.visited, visited); diff != "" {
				t.Errorf("%s: visited: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.result, result); diff != "" {
				t.Errorf("%s: result: -want +got:\n%s", tc.reason, diff)
			}
			if !errors.Is(err, tc.err) {
				t.Errorf("%s: error: want %v, got %v", tc.reason, tc.err, err)
			}
		})
	}
}

func TestStopOf(t *testing.T) {
	stop, ok := phase.StopOf(phase.Stall("ClassNotFound", "storage class %q does not exist", "fast"))
	want := &phase.StopError{Reason: "ClassNotFound", Message: `storage class "fast" does not exist`, Stalled: true}
	if diff := cmp.Diff(want, stop); diff != "" || !ok {
		t.Errorf("a stall keeps its words: -want +got:\n%s", diff)
	}
}

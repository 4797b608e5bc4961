package phase

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
)

// Step is one phase in the life of a subject.
type Step[T any] func(ctx context.Context, subject T) error

// Run takes the steps in order and answers what ended the run, nil when all of them are done.
func Run[T any](ctx context.Context, subject T, steps ...Step[T]) error {
	for _, step := range steps {
		if err := step(ctx, subject); err != nil {
			return err
		}
	}
	return nil
}

// StopError is why a run ended early although nothing failed.
type StopError struct {
	// Reason is one word for a condition's reason.
	Reason string
	// Message is a sentence for people.
	Message string
	// After is when to look again; zero means only when something changes.
	After time.Duration
	// Stalled says that nothing will happen until a person acts.
	Stalled bool
}

// Error is the message, so that a stop can be returned where an error is expected.
func (s *StopError) Error() string { return s.Message }

// Wait ends a run until something else has happened, and at the latest for the given time (zero: until an event).
func Wait(reason string, after time.Duration, format string, args ...any) error {
	return &StopError{Reason: reason, After: after, Message: fmt.Sprintf(format, args...)}
}

// Stall ends a run until a person acts.
func Stall(reason, format string, args ...any) error {
	return &StopError{Reason: reason, Stalled: true, Message: fmt.Sprintf(format, args...)}
}

// StopOf finds the stop in what Run answered.
func StopOf(err error) (*StopError, bool) {
	stop, ok := errors.AsType[*StopError](err)
	return stop, ok
}

// afterConflict is when to look again at an object that changed under our hands: its event is on the way.
const afterConflict = time.Second

// Result is what a reconciler answers for what Run answered: a stop is no failure, a conflict is looked at again soon,
// anything else is tried again with growing pauses.
func Result(err error) (ctrl.Result, error) {
	if stop, ok := StopOf(err); ok {
		return ctrl.Result{RequeueAfter: stop.After}, nil
	}
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: afterConflict}, nil
	}
	return ctrl.Result{}, err
}

package steve

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// enter counts a request as under way, until it has left.
func (s *Server) enter() (left func()) {
	s.underWay.Add(1)
	return sync.OnceFunc(func() { s.underWay.Add(-1) })
}

// drainLook is how often a stopping server looks whether the last request has ended.
const drainLook = 20 * time.Millisecond

// Stopping has the server say from now on that it is not ready, so that nobody sends it more. It still answers.
func (s *Server) Stopping() {
	s.readiness.stop()
}

// Drain waits until the requests under way have ended, those of the tunnel included, or the context has. What the
// server watches and dials must go on meanwhile: the requests need it.
func (s *Server) Drain(ctx context.Context) {
	_ = wait.PollUntilContextCancel(ctx, drainLook, true, func(context.Context) (bool, error) {
		return s.underWay.Load() == 0, nil
	})
}

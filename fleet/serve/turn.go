package serve

import (
	"context"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"
)

// turns has as many lists made at once as there are processors, in the order in which they were asked for. With more at
// once none is done sooner: each is stopped halfway for the others, and the unlucky ones wait for all of them again and again.
type turns struct {
	free *semaphore.Weighted
}

func newTurns() *turns {
	return &turns{free: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))}
}

// take waits for a turn. What it gives ends the turn, at the first call.
func (t *turns) take(ctx context.Context) (end func(), err error) {
	if err := t.free.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { t.free.Release(1) }), nil
}

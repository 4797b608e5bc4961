package collect

import (
	"context"
	"errors"
	"net/http"
	"time"

	"crofthci.io/croft/fleet/index"
)

// follower follows one source of one site.
type follower struct {
	c      *Collector
	t      *index.Type
	number int
	source index.Source

	cursor index.Cursor
	// batch is what has been read and not yet written; pendingVersion is how far it reaches.
	batch          []index.Change
	batchBytes     int
	batchBegun     time.Time
	pendingVersion string
	// held is which objects have a row, with the batch; holds says that it was read, and has been kept up to date since.
	held  *holding
	holds bool
	// leftOut is how many have none; seen is how many the list under way has given.
	leftOut int
	seen    int

	listed   bool
	listedAt time.Time
	failures int
	problem  string
	// others are those of the other sources of the type, while they wait for their turn; company are those that are listed along,
	// which know it.
	others  []*follower
	company []companion
	turn    chan struct{}
	along   bool
	// full says that the last batch found no room. An open watch does not take that back, a batch that is written does.
	full     bool
	watching bool
}

// errShort says that a watch ended as soon as it had begun.
var errShort = errors.New("the site ends every watch at once")

// unserved is how long to wait before asking again for a resource that a site does not have.
const unserved = time.Minute

// nowhere is written down as the version of a source that the site does not serve: there was nothing to list, and the
// hub knows that also after a restart, while the site is away.
const nowhere = "-"

// run follows the source until the context ends.
func (f *follower) run(ctx context.Context) {
	if !f.await(ctx) {
		return
	}
	for ctx.Err() == nil {
		begun := time.Now()
		err := f.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil && time.Since(begun) < f.c.Budget.FirstPause {
			err = errShort
		}
		f.rest(ctx, err)
	}
}

// once takes the source up where the index has left it, and follows it until something comes in between. A source of
// which something was left out is listed again now and then: the watch does not tell that there is room again.
func (f *follower) once(ctx context.Context) error {
	cursor, err := f.resume(ctx)
	if err != nil {
		return err
	}
	f.tell()
	if !f.listed || cursor.Version == nowhere || f.leftOut > 0 && time.Since(f.listedAt) >= f.c.Budget.Watch {
		err = apart(func() error { return f.list(ctx) })
	} else {
		err = apart(func() error { return f.load(ctx) })
	}
	err = f.explain(ctx, err)
	f.release()
	if err != nil {
		return err
	}
	f.tell()
	return f.explain(ctx, f.watch(ctx))
}

// resume reads how far the source has been followed. What was read and not written comes again.
func (f *follower) resume(ctx context.Context) (index.Cursor, error) {
	cursor, err := f.c.Index.Cursor(ctx, f.c.ID, f.source)
	if err != nil {
		return cursor, err
	}
	f.holds = f.holds && len(f.batch) == 0 && cursor.Epoch == f.cursor.Epoch
	f.batch, f.batchBytes, f.pendingVersion = nil, 0, ""
	f.cursor, f.leftOut = cursor, cursor.LeftOut
	f.listed = cursor.Version != ""
	return cursor, nil
}

// apart has work that goes deep done on a stack of its own, which goes with it. A follower waits for hours afterwards, and
// there are more than a thousand of them.
func apart(work func() error) error {
	done := make(chan error)
	go func() { done <- work() }()
	return <-done
}

// load reads which objects have a row, if that is not known from the watch before: a site that comes and goes would
// otherwise have all of its keys read for every try.
func (f *follower) load(ctx context.Context) error {
	if f.holds {
		return nil
	}
	keys, err := f.c.Index.Keys(ctx, f.c.ID, f.t, f.number)
	if err != nil {
		return err
	}
	f.held.clear()
	for k, size := range keys {
		f.held.put(k.Namespace, k.Name, size)
	}
	f.holds = true
	return nil
}

// rest waits before the next try: not at all when the watch ended as watches do, and ever longer when it keeps failing.
// A site that begins to answer again wakes everybody.
func (f *follower) rest(ctx context.Context, err error) {
	switch {
	case err == nil:
		f.failures = 0
		sleep(ctx, jitter(f.c.Budget.FirstPause/5), nil)
		return
	case errors.Is(err, errGone):
		err = errors.Join(err, f.c.forget(ctx, f.source))
	case errors.Is(err, errNotServed):
		sleep(ctx, jitter(unserved), f.c.Index.Rebuilt(f.cursor.Epoch))
		return
	}
	f.problem, f.full, f.watching = index.Long(err.Error()), errors.Is(err, index.ErrFull), false
	f.tell()
	f.c.Metrics.failed(f.c.ID, f.source.Name())
	pause := min(f.c.Budget.FirstPause<<min(f.failures, 10), f.c.Budget.LongestPause)
	f.failures++
	woken := f.c.line.woken()
	if woken != nil {
		pause = f.c.Budget.LongestPause // its pulse asks for all of its sources, and wakes them
	}
	sleep(ctx, jitter(pause), woken)
}

// forget has the source listed at the next try.
func (c *Collector) forget(ctx context.Context, source index.Source) error {
	return c.Index.Forget(ctx, c.ID, source)
}

// explain looks behind an answer of 404: if the site really has no such resource, it has no such rows.
func (f *follower) explain(ctx context.Context, err error) error {
	var status *statusError
	if !f.source.Optional || !errors.As(err, &status) || status.code != http.StatusNotFound {
		return err
	}
	served, asking := f.c.served(ctx, f.source.Resource)
	if asking != nil || served {
		return errors.Join(err, asking)
	}
	f.holds = false
	keys, asking := f.c.Index.Keys(ctx, f.c.ID, f.t, f.number)
	if asking != nil {
		return asking
	}
	for k := range keys {
		if err := f.add(ctx, index.Change{Namespace: k.Namespace, Name: k.Name}); err != nil {
			return err
		}
	}
	f.leftOut = 0
	if err := f.flush(ctx, nowhere); err != nil {
		return err
	}
	f.held.clear()
	f.listed, f.problem, f.full = true, "", false
	f.live(true)
	return errNotServed
}

// live notes whether the watch is open.
func (f *follower) live(open bool) {
	f.watching = open
	if open {
		f.failures, f.problem = 0, ""
	}
	f.tell()
}

func (f *follower) tell() {
	f.c.setSource(f.source.Name(), SourceHealth{Listed: f.listed, Live: f.watching, LeftOut: f.leftOut, Problem: f.problem, Full: f.full, Epoch: f.cursor.Epoch})
}

package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/watch"

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
	pendingVersion string

	listed   bool
	count    int
	leftOut  int
	failures int
	problem  string
	watching bool
}

type (
	key   = index.Key
	event struct {
		namespace, name string
		part            []byte
	}
)

// errShort says that a watch ended as soon as it had begun.
var errShort = errors.New("the site ends every watch at once")

// unserved is how long to wait before asking again for a resource that a site does not have.
const unserved = time.Minute

// run follows the source until the context ends.
func (f *follower) run(ctx context.Context) {
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

// once takes the source up where the index has left it, and follows it until something comes in between.
func (f *follower) once(ctx context.Context) error {
	f.batch, f.pendingVersion = nil, ""
	cursor, err := f.c.Index.Cursor(ctx, f.c.ID, f.source)
	if err != nil {
		return err
	}
	f.cursor = cursor
	f.listed = cursor.Version != ""
	f.tell()
	if f.listed && f.count == 0 {
		held, err := f.c.Index.Keys(ctx, f.c.ID, f.t, f.number)
		if err != nil {
			return err
		}
		f.count = len(held)
	}
	if f.cursor.Version == "" {
		if err := f.list(ctx); err != nil {
			return f.explain(ctx, err)
		}
		f.tell()
	}
	return f.explain(ctx, f.watch(ctx))
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
		sleep(ctx, jitter(unserved), nil)
		return
	}
	f.problem, f.watching = err.Error(), false
	f.tell()
	f.c.Metrics.failed(f.c.ID, f.source.Name())
	pause := min(f.c.Budget.FirstPause<<min(f.failures, 10), f.c.Budget.LongestPause)
	f.failures++
	sleep(ctx, jitter(pause), f.c.line.woken())
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
	served, asking := f.c.served(ctx, f.source.Resource.Group)
	if asking != nil || served {
		return errors.Join(err, asking)
	}
	keys, asking := f.c.Index.Keys(ctx, f.c.ID, f.t, f.number)
	if asking != nil {
		return asking
	}
	for k := range keys {
		if err := f.add(ctx, event{namespace: k.Namespace, name: k.Name}); err != nil {
			return err
		}
	}
	if err := f.flush(ctx, ""); err != nil {
		return err
	}
	f.listed, f.problem = true, ""
	f.live(true)
	return errNotServed
}

// see takes an object of a list.
func (f *follower) see(ctx context.Context, object []byte, before map[key]struct{}) error {
	h, err := headerOf(object)
	if err == nil {
		err = h.check()
	}
	if err != nil || len(object) > f.c.Budget.ObjectBytes {
		f.leave()
		return nil
	}
	if _, known := before[key{Site: f.c.ID, Namespace: h.Namespace, Name: h.Name}]; !known && f.count >= f.c.Budget.Objects {
		f.leave()
		return nil
	}
	part, err := f.source.Trim(object)
	if err != nil {
		f.leave()
		return nil
	}
	delete(before, key{Site: f.c.ID, Namespace: h.Namespace, Name: h.Name})
	f.count++
	return f.add(ctx, event{namespace: h.Namespace, name: h.Name, part: part})
}

// told takes an object of a watch.
func (f *follower) told(ctx context.Context, told watched) error {
	h, err := headerOf(told.Object)
	if err == nil {
		err = h.check()
	}
	if err != nil {
		f.leave()
		return nil
	}
	f.pendingVersion = h.ResourceVersion
	if told.Type == watch.Deleted {
		f.count--
		return f.add(ctx, event{namespace: h.Namespace, name: h.Name})
	}
	if told.Type == watch.Added {
		if f.count >= f.c.Budget.Objects {
			f.leave()
			return nil
		}
		f.count++
	}
	part, err := f.source.Trim(told.Object)
	if err != nil {
		f.leave()
		return nil
	}
	return f.add(ctx, event{namespace: h.Namespace, name: h.Name, part: part})
}

// leave counts an object that gets no row.
func (f *follower) leave() {
	f.leftOut++
	f.c.Metrics.leftOut(f.c.ID, f.source.Name())
	if f.watching && f.leftOut == 1 {
		f.tell()
	}
}

// add puts a change into the batch and writes the batch when it is full.
func (f *follower) add(ctx context.Context, e event) error {
	f.batch = append(f.batch, index.Change{Namespace: e.namespace, Name: e.name, Part: e.part})
	if len(f.batch) < batchSize {
		return nil
	}
	return f.flush(ctx, "")
}

// flush writes the batch. With a version, that is how far the source has been followed; while a list is being read
// there is none.
func (f *follower) flush(ctx context.Context, version string) error {
	if len(f.batch) == 0 && version == "" {
		return nil
	}
	if err := f.c.limit.WaitN(ctx, len(f.batch)); err != nil {
		return err
	}
	batch := index.Batch{Site: f.c.ID, Type: f.t, Source: f.number, Changes: f.batch, Version: version, Epoch: f.cursor.Epoch}
	if err := f.c.Index.Apply(ctx, batch); err != nil {
		return err
	}
	f.c.Metrics.wrote(f.c.ID, len(f.batch))
	f.batch = f.batch[:0]
	if version != "" {
		f.cursor.Version = version
	}
	return nil
}

// follow writes what comes in lines: when the batch is full, or when the first of it has waited long enough.
func (f *follower) follow(ctx context.Context, lines <-chan heard) error {
	var due <-chan time.Time
	for {
		select {
		case got, open := <-lines:
			if !open || got.err != nil && !errors.Is(got.err, errTooLarge) {
				return errors.Join(f.flush(ctx, f.pendingVersion), ended(ctx, got.err))
			}
			if got.err != nil {
				f.leave()
				continue
			}
			if err := f.take(ctx, got.text); err != nil {
				return errors.Join(err, f.flush(ctx, f.pendingVersion))
			}
			if due == nil {
				due = time.After(f.c.Budget.Linger)
			}
		case <-due:
			due = nil
			if err := f.flush(ctx, f.pendingVersion); err != nil {
				return err
			}
			f.pendingVersion = ""
		}
	}
}

// ended says why a watch ended; that its end was reached is no failure.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), errOverdue) {
			return fmt.Errorf("the watch was cut: %w", errOverdue)
		}
		return fmt.Errorf("the watch was cut: %w", errLate)
	}
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("the watch broke: %w", bare(err))
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
	f.c.setSource(f.source.Name(), SourceHealth{Listed: f.listed, Live: f.watching, LeftOut: f.leftOut, Problem: f.problem})
}

package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"crofthci.io/croft/fleet/index"
)

// watched is one line of a watch.
type watched struct {
	Type   watch.EventType `json:"type"`
	Object json.RawMessage `json:"object"`
}

// errOverdue says that a site does not end a watch when it should. It may have forgotten it.
var errOverdue = errors.New("the site did not end it in time")

// watch follows the source from the cursor until the watch ends, and says why it did. That the site ended it after a
// while is no error. A site that does not is not waited for: a watch that has been forgotten looks just like one on which
// nothing happens.
func (f *follower) watch(ctx context.Context) error {
	ctx, release := f.c.line.hold(ctx)
	defer release()
	lasts := f.c.Budget.Watch + rand.N(f.c.Budget.Watch+1) //nolint:gosec // nothing secret
	ctx, cancel := context.WithTimeoutCause(ctx, lasts+f.c.Budget.Overtime, errOverdue)
	defer cancel()
	query := url.Values{
		"watch":               {"true"},
		"allowWatchBookmarks": {"true"},
		"resourceVersion":     {f.cursor.Version},
		"timeoutSeconds":      {strconv.Itoa(max(1, int(lasts.Seconds())))},
	}
	response, err := f.c.get(ctx, address(f.source.Resource), query)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(response)
	}
	f.c.heard()
	f.live(true)
	defer f.live(false)
	return f.drain(ctx, response.Body)
}

// drain writes what the watch tells until it ends. Reading goes on in a goroutine of its own while changes wait to be
// written together; the channel holds nothing, so that one line waits at most, and a site that floods is slowed down by
// its own connection.
func (f *follower) drain(ctx context.Context, stream io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan heard)
	go func() {
		defer close(lines)
		readLines(ctx, stream, f.c.Budget.ObjectBytes, lines)
	}()
	return f.follow(ctx, lines)
}

// follow writes what comes in lines: when the batch is full, or when the first of it has waited long enough. It ends at
// once when the index has been begun anew, because on a quiet site nothing else would fill it again.
func (f *follower) follow(ctx context.Context, lines <-chan heard) error {
	var due <-chan time.Time
	rebuilt := f.c.Index.Rebuilt(f.cursor.Epoch)
	for {
		select {
		case <-rebuilt:
			return index.ErrRebuilt
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

// take reads one line of the watch and adds what it says to the batch.
func (f *follower) take(ctx context.Context, text []byte) error {
	var told watched
	if err := json.Unmarshal(text, &told); err != nil {
		return fmt.Errorf("read a watch: %w", err)
	}
	f.c.heard()
	switch told.Type {
	case watch.Added, watch.Modified, watch.Deleted:
		f.c.Metrics.changed(f.c.ID, f.source.Name())
		return f.told(ctx, told)
	case watch.Bookmark:
		return f.bookmark(told.Object)
	case watch.Error:
		return failureOf(told.Object)
	default:
		return fmt.Errorf("read a watch: no event is called %q", told.Type)
	}
}

// bookmark notes how far the source has come without a change.
func (f *follower) bookmark(object []byte) error {
	header, err := headerOf(object)
	if err != nil {
		return err
	}
	if len(header.ResourceVersion) > longestVersion {
		return errors.New("read a bookmark: its resourceVersion is too long")
	}
	f.pendingVersion = header.ResourceVersion
	return nil
}

// failureOf reads the error that ends a watch.
func failureOf(object []byte) error {
	var status metav1.Status
	if err := json.Unmarshal(object, &status); err != nil {
		return fmt.Errorf("read the error of a watch: %w", err)
	}
	failure := &statusError{code: int(status.Code), text: status.Message}
	if status.Code == http.StatusGone || status.Reason == metav1.StatusReasonExpired {
		return fmt.Errorf("%w: %w", errGone, failure)
	}
	return failure
}

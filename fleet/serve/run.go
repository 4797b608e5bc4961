package serve

import (
	"context"
	"strconv"
	"time"

	"github.com/rancher/apiserver/pkg/types"
)

// teller takes a message, and says false when nobody listens any more.
type teller func(message) bool

// run tells what was missed and then what happens, until the context ends or something is lost.
func (w *watcher) run(ctx context.Context, tell teller) error {
	missed, err := w.missed(ctx)
	if err != nil {
		return err
	}
	start := message{APIEvent: types.APIEvent{Name: "resource.start"}}
	if w.ask.Cursor != nil && len(missed) == 0 {
		start.Cursor, w.said = w.cursor(), w.reached
	}
	if !tell(start) {
		return nil
	}
	if w.ask.Mode == noticeEvent {
		tell = w.noticing(ctx, tell)
	}
	if !tellAll(tell, missed) {
		return nil
	}
	return w.follow(ctx, tell)
}

// follow tells what happens.
func (w *watcher) follow(ctx context.Context, tell teller) error {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		events, reached, more := w.news.Take()
		all, err := w.batch(events, reached)
		if err != nil {
			return err
		}
		if !tellAll(tell, all) {
			return nil
		}
		if !more {
			return errMissed
		}
		if len(events) > 0 && !pause(ctx, pace) {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.news.News():
		case <-ticker.C:
			if !w.pulse(tell) {
				return nil
			}
		}
	}
}

// pulse brings a client that keeps a cursor a newer one, so that it does not become too old while nothing is told. Who is
// told by notices takes his cursors from his lists: there may be a notice that still waits.
func (w *watcher) pulse(tell teller) bool {
	if w.ask.Cursor == nil || w.ask.Mode == noticeEvent || w.adrift || w.said == w.reached {
		return true
	}
	w.said = w.reached
	return tell(message{APIEvent: types.APIEvent{Name: cursorEvent, Revision: strconv.FormatInt(w.reached, 10)}, Cursor: w.cursor()})
}

func tellAll(tell teller, all []message) bool {
	for _, each := range all {
		if !tell(each) {
			return false
		}
	}
	return true
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// longestDebounceMs bounds what a client may name.
const longestDebounceMs = 3_600_000

// noticing makes notices of messages: the first at once, then one for all that come within the time that the client
// names.
func (w *watcher) noticing(ctx context.Context, tell teller) teller {
	between := debounce
	if w.ask.DebounceMs > 0 {
		between = time.Duration(min(w.ask.DebounceMs, longestDebounceMs)) * time.Millisecond
	}
	heard := make(chan string, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case revision := <-heard:
				if !tell(message{APIEvent: types.APIEvent{Name: noticeEvent, Revision: revision}}) || !pause(ctx, between) {
					return
				}
			}
		}
	}()
	return func(told message) bool {
		select {
		case <-heard: // an older one, for which the new one does as well
		default:
		}
		select {
		case heard <- told.Revision:
		default:
		}
		return ctx.Err() == nil
	}
}

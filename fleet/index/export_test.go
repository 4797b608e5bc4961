package index

import (
	"context"
	"fmt"
)

// Remember has removals remembered over so many changes, so that tests need not make many.
func (x *Index) Remember(changes int64) { x.remembered = changes }

// Next waits for the next change and takes it alone, as tests like to look at changes.
func (s *Subscription) Next(ctx context.Context) (Event, bool) {
	for {
		s.lock.Lock()
		if len(s.waiting) > 0 {
			event := s.waiting[0]
			s.waiting, s.places = s.waiting[1:], nil
			s.lock.Unlock()
			return event, true
		}
		over := s.over
		s.lock.Unlock()
		if over {
			return Event{}, false
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return Event{}, false
		}
	}
}

// Bound has the file take so many pages at most and no more than it has, as a disk does that is full.
func (x *Index) Bound(ctx context.Context, pages int) error {
	x.turn.Lock()
	defer x.turn.Unlock()
	_, err := x.write.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

package index

import (
	"context"
	"fmt"
)

// Remember has removals remembered over so many changes, so that tests need not make many.
func (x *Index) Remember(changes int64) { x.remembered = changes }

// Bound has the file take so many pages at most and no more than it has, as a disk does that is full.
func (x *Index) Bound(ctx context.Context, pages int) error {
	x.turn.Lock()
	defer x.turn.Unlock()
	_, err := x.write.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// Take is everything that waits, and whether there may be more.
func (s *Subscription) Take() (events []Event, reached int64, more bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	events, s.waiting = s.waiting, nil
	return events, 0, !s.over
}

package index

import (
	"context"
	"fmt"
	"sync/atomic"
)

// tombstones is over how many changes removals are remembered for those who come back with a cursor.
const tombstones = 50_000

// sequence numbers the changes. It never goes back, not even when the file is begun anew, so that a client who keeps a
// number never takes old rows for new.
type sequence struct {
	last int64
	// seen is last, for those who do not hold the turn.
	seen atomic.Int64
	// begun is the number with which an empty file began.
	begun int64
}

// Revision is the number of the last change.
func (x *Index) Revision() int64 {
	return x.seq.seen.Load()
}

// loadSequence finds the last number in the file. A new file begins with the time, which is after any number that an
// older file can have reached at fewer than a thousand changes a second.
func (x *Index) loadSequence(ctx context.Context) error {
	query := "SELECT max(0, coalesce((SELECT max(seq) FROM gone), 0)"
	for _, t := range x.types {
		query += fmt.Sprintf(", coalesce((SELECT max(seq) FROM %s), 0)", t.table())
	}
	var last int64
	if err := x.write.QueryRowContext(ctx, query+")").Scan(&last); err != nil {
		return err
	}
	if last == 0 {
		last = max(x.now().UnixMilli(), x.seq.last)
		x.seq.begun = last
	}
	x.seq.last = max(last, x.seq.last)
	x.seq.seen.Store(x.seq.last)
	x.feed.reach(x.seq.last)
	return nil
}

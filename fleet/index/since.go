package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrTooOld says that a cursor lies so far back that removals since then have been forgotten: list again.
var ErrTooOld = errors.New("the revision is too old")

// Since says, of the rows in a query's scope that have changed after a revision, how they stand to the query now, and
// which were removed. A row that changed often is told once. The number is the one up to which everything is among them.
func (x *Index) Since(ctx context.Context, s *Sight, revision int64, most int) ([]Standing, int64, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	reached := x.Revision()
	if revision > reached {
		return nil, 0, ErrTooOld
	}
	all := s.since(revision)
	all, err := x.gone(ctx, s, revision, most, all)
	if err != nil {
		return nil, 0, fmt.Errorf("read the changes of %s: %w", s.t.Plural, x.doubt(err))
	}
	// Only now: what was forgotten while the changes were read is not among them.
	floor, err := x.floor(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read the changes of %s: %w", s.t.Plural, x.doubt(err))
	}
	if revision < floor || len(all) > most {
		return nil, 0, ErrTooOld
	}
	slices.SortFunc(all, func(a, b Standing) int { return cmp.Compare(a.Revision, b.Revision) })
	return all, reached, nil
}

// gone adds the removals in the scope, and no more than needed to see that there are too many.
func (x *Index) gone(ctx context.Context, s *Sight, revision int64, most int, all []Standing) ([]Standing, error) {
	rows, err := x.read.QueryContext(ctx, "SELECT seq, site, namespace, name FROM gone WHERE type = ? AND seq > ? ORDER BY seq", s.t.Name, revision)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() && len(all) <= most {
		removed := Standing{Gone: true}
		if err := rows.Scan(&removed.Revision, &removed.Key.Site, &removed.Key.Namespace, &removed.Key.Name); err != nil {
			return nil, err
		}
		if s.Has(removed.Key) {
			all = append(all, removed)
		}
	}
	return all, rows.Err()
}

// floorType marks, among the removals, a revision up to which they are not all known.
const floorType = ""

// floor is the oldest revision after which every removal is known.
func (x *Index) floor(ctx context.Context) (int64, error) {
	var floor int64
	err := x.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM gone WHERE type = ?", floorType).Scan(&floor)
	return max(floor, x.seq.begun), err
}

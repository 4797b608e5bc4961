package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// ErrTooOld says that a cursor lies so far back that removals since then have been forgotten: list again.
var ErrTooOld = errors.New("the revision is too old")

// Since reads what has changed in a type after a revision: the rows as they are now, and those that are gone. A row that
// changed often is told once.
func (x *Index) Since(ctx context.Context, t *Type, revision int64, most int) ([]Event, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	if revision > x.Revision() {
		return nil, ErrTooOld
	}
	floor, err := x.floor(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the changes of %s: %w", t.Plural, x.doubt(err))
	}
	if revision < floor {
		return nil, ErrTooOld
	}
	cells := make([]any, len(t.cells()))
	rows, err := x.read.QueryContext(ctx, "SELECT seq, site, namespace, name, 0, "+strings.Join(t.cells(), ", ")+" FROM "+t.table()+" WHERE seq > ?"+
		" UNION ALL SELECT seq, site, namespace, name, 1"+strings.Repeat(", NULL", len(cells))+" FROM gone WHERE type = ? AND seq > ? ORDER BY 1 LIMIT ?",
		revision, t.Name, revision, most+1)
	if err != nil {
		return nil, fmt.Errorf("read the changes of %s: %w", t.Plural, x.doubt(err))
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		event, err := scanEvent(rows, t, cells)
		if err != nil {
			return nil, fmt.Errorf("read the changes of %s: %w", t.Plural, x.doubt(err))
		}
		events = append(events, event)
	}
	if len(events) > most {
		return nil, ErrTooOld
	}
	return events, rows.Err()
}

// scanEvent reads a row as it is now, or one that is gone.
func scanEvent(rows *sql.Rows, t *Type, cells []any) (Event, error) {
	event := Event{Type: t.Name}
	targets := []any{&event.Revision, &event.Key.Site, &event.Key.Namespace, &event.Key.Name, &event.Removed}
	for i := range cells {
		targets = append(targets, &cells[i])
	}
	err := rows.Scan(targets...)
	if err == nil && !event.Removed {
		event.Document, err = t.show(event.Key, cells)
	}
	return event, err
}

// floorType marks, among the removals, a revision up to which they are not all known.
const floorType = ""

// floor is the oldest revision after which every removal is known.
func (x *Index) floor(ctx context.Context) (int64, error) {
	var floor int64
	err := x.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM gone WHERE type = ?", floorType).Scan(&floor)
	return max(floor, x.seq.begun), err
}

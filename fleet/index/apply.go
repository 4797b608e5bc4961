package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Change is what happened to one object of a source.
type Change struct {
	// Namespace and Name are the object's address in its site.
	Namespace, Name string
	// Part is what the source's Trim took from the object; nil says that the object is gone.
	Part []byte
}

// Batch is a run of changes of one source at one site. It is written as a whole or not at all.
type Batch struct {
	// Site is the site that the connection belongs to.
	Site string
	// Type and Source say what the parts are.
	Type   *Type
	Source int
	// Changes are in the order in which they happened.
	Changes []Change
	// Version is the resourceVersion up to which the source has been followed with this batch. Empty leaves it as it was.
	Version string
	// LeftOut is how many objects of the source have no row at that version. It is kept with the version alone.
	LeftOut int
	// Epoch is the one of the Cursor that the batch goes on from.
	Epoch int
}

// Cursor is how far a source has been followed.
type Cursor struct {
	// Version is the resourceVersion to watch from, empty when the source is to be listed.
	Version string
	// LeftOut is how many objects of the source had no row then.
	LeftOut int
	// Epoch says which file this is about; see ErrRebuilt.
	Epoch int
}

// Cursor says how far a source has been followed at a site.
func (x *Index) Cursor(ctx context.Context, site string, source Source) (Cursor, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	cursor := Cursor{Epoch: x.epoch}
	err := x.read.QueryRowContext(ctx, "SELECT version, left_out FROM cursor WHERE site = ? AND source = ?", site, source.Name()).Scan(&cursor.Version, &cursor.LeftOut)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Cursor{}, fmt.Errorf("read how far %s was followed at %s: %w", source.Name(), site, err)
	}
	return cursor, nil
}

// Apply writes a batch and then tells subscribers. Beside it may come batches of other sources of the same type and site: they
// are written with it or not at all, and a row of which several bring parts is joined and written once.
func (x *Index) Apply(ctx context.Context, batch Batch, beside ...Batch) error {
	x.turn.Lock()
	defer x.turn.Unlock()
	if batch.Epoch != x.epoch {
		return ErrRebuilt
	}
	events, err := x.applyInTurn(ctx, batch, beside)
	if err := x.settle(ctx, err); err != nil {
		return fmt.Errorf("write %d changes of %s at %s: %w", len(batch.Changes), batch.Type.Sources[batch.Source].Name(), batch.Site, err)
	}
	x.feed.publish(events)
	return nil
}

func (x *Index) applyInTurn(ctx context.Context, batch Batch, beside []Batch) ([]Event, error) {
	x.statements.prepare(ctx, x.write)
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to roll back
	w := x.writerOf(ctx, tx, batch.Type)
	w.seq, w.siteName = x.seq.last, x.nameOf(batch.Site)
	all := append([]Batch{batch}, beside...)
	objects := gathered(all)
	if err := w.foresee(batch.Site, objects); err != nil {
		return nil, err
	}
	for _, object := range objects {
		if err := w.change(object.key, object.news); err != nil {
			return nil, err
		}
	}
	for _, each := range all {
		if err := w.reach(each); err != nil {
			return nil, err
		}
	}
	if w.removed {
		if err := w.forget(x.remembered); err != nil {
			return nil, err
		}
	}
	writers, err := x.settleCounts(w)
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	events := w.events
	for number, each := range writers {
		if x.remember(each.t, each.rows); number > 0 {
			events = append(events, each.events...)
		}
		x.seq.last = each.seq
	}
	x.seq.seen.Store(x.seq.last)
	return events, nil
}

// Forget has a source listed again: what is known of it stays, but not how far it was followed.
func (x *Index) Forget(ctx context.Context, site string, source Source) error {
	x.turn.Lock()
	defer x.turn.Unlock()
	_, err := x.write.ExecContext(ctx, "DELETE FROM cursor WHERE site = ? AND source = ?", site, source.Name())
	if err := x.settle(ctx, err); err != nil {
		return fmt.Errorf("forget how far %s was followed at %s: %w", source.Name(), site, err)
	}
	return nil
}

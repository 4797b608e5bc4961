package index

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"

	"crofthci.io/croft/fleet/index/memory"
)

// writer writes the changes of one batch.
type writer struct {
	ctx      context.Context
	tx       *sql.Tx
	t        *Type
	seq      int64
	siteName string
	events   []Event
	// rows are what memory is to have once everything has been written.
	rows     []memory.Change
	removed  bool
	prepared map[string]*sql.Stmt
	// statements are those of the connection, from batch to batch.
	statements *statements
	// ahead is what was read of the file at once, before the batch has changed it.
	ahead map[Key]*foreseen
	// What is the same for every row of the batch: the columns that are written, and two statements.
	written            []string
	loading, inserting string

	// counts are what is counted for the rows, countedBy what they are counted for, and owners for which rows those of the
	// batch count or have counted.
	counts    []counting
	countedBy []*count
	owners    map[owner]struct{}
}

// writerOf makes the writer of a batch.
func (x *Index) writerOf(ctx context.Context, tx *sql.Tx, t *Type) *writer {
	// Each statement of a context that may end has a watcher of its own. The transaction's is enough.
	w := &writer{ctx: context.WithoutCancel(ctx), tx: tx, t: t, statements: &x.statements, written: t.written(), loading: t.loading(), inserting: t.insertion(), ahead: map[Key]*foreseen{}}
	for _, c := range x.counts {
		if c.at == t {
			w.counts = append(w.counts, counting{count: c})
		}
		if c.of == t {
			w.countedBy = append(w.countedBy, c)
		}
	}
	return w
}

// change puts parts into their row, or takes them out.
func (w *writer) change(key Key, news []arrival) error {
	have, waiting, err := w.before(key)
	if err != nil {
		return err
	}
	changed := false
	for _, now := range news {
		if !have.has(w.t, now.source, now.part) {
			have.parts[now.source], changed = now.part, true
		}
	}
	switch {
	case !changed:
		return nil
	case have.parts[0] != nil:
		if waiting {
			if err := w.exec("DELETE FROM waiting WHERE type = ? AND site = ? AND namespace = ? AND name = ?", w.t.Name, key.Site, key.Namespace, key.Name); err != nil {
				return err
			}
		}
		return w.save(key, have)
	case have.id != 0:
		if err := w.remove(key, have); err != nil {
			return err
		}
	}
	return w.wait(key, have.parts)
}

// loadWaiting adds the parts that have no row because the row's own object has not come yet.
func (w *writer) loadWaiting(key Key, id int64, parts [][]byte) (bool, error) {
	if id != 0 || len(parts) == 1 {
		return false, nil
	}
	statement, err := w.prepare("SELECT source, part FROM waiting WHERE type = ? AND site = ? AND namespace = ? AND name = ?")
	if err != nil {
		return false, err
	}
	rows, err := statement.QueryContext(w.ctx, w.t.Name, key.Site, key.Namespace, key.Name)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	found := false
	for rows.Next() {
		var source int
		var part []byte
		if err := rows.Scan(&source, &part); err != nil {
			return false, err
		}
		parts[source], found = part, true
	}
	return found, rows.Err()
}

// wait keeps the parts that are left without a row.
func (w *writer) wait(key Key, parts [][]byte) error {
	for source, part := range parts {
		if source == 0 {
			continue
		}
		var err error
		if part == nil {
			err = w.exec("DELETE FROM waiting WHERE type = ? AND site = ? AND namespace = ? AND name = ? AND source = ?", w.t.Name, key.Site, key.Namespace, key.Name, source)
		} else {
			err = w.exec("INSERT OR REPLACE INTO waiting (type, site, namespace, name, source, part) VALUES (?, ?, ?, ?, ?, ?)", w.t.Name, key.Site, key.Namespace, key.Name, source, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// save joins the parts and writes the row. Of a row that shows what it showed, the part alone is written.
func (w *writer) save(key Key, have held) error {
	row := Row{}
	if w.t.Join != nil {
		var err error
		if row, err = w.t.Join(have.parts); err != nil {
			return fmt.Errorf("join the row %s: %w", key.ID(), err)
		}
	}
	cells, err := w.t.cellsOf(row)
	if err != nil {
		return fmt.Errorf("write down the row %s: %w", key.ID(), err)
	}
	if err := w.countAll(key, have, cells); err != nil {
		return fmt.Errorf("count for the row %s: %w", key.ID(), err)
	}
	if have.id == 0 {
		return w.create(key, have, row, cells)
	}
	return w.renew(key, have, row, cells)
}

// create writes a new row with all of its parts.
func (w *writer) create(key Key, have held, row Row, cells []any) error {
	w.seq++
	values := append([]any{w.seq, key.Site, key.Namespace, key.Name}, append(w.t.kept(have.parts), cells...)...)
	id, err := w.insert(w.inserting, values...)
	if err != nil {
		return err
	}
	have.id = id
	w.owe(key, cells)
	return w.tell(key, have, true, row, cells)
}

// renew writes what is new of a row that is there.
func (w *writer) renew(key Key, have held, row Row, cells []any) error {
	names, values := []string(nil), w.t.kept(have.parts)
	for _, column := range w.t.partColumns() {
		names = append(names, column+" = ?")
	}
	shown := w.t.Join == nil
	if w.t.Join != nil {
		changed, news := w.differing(have.cells, cells)
		names, values, shown = append(names, changed...), append(values, news...), len(changed) > 0
	}
	if shown {
		w.seq++
		names, values = append(names, "seq = ?"), append(values, w.seq)
	}
	if err := w.exec("UPDATE "+w.t.table()+" SET "+strings.Join(names, ", ")+" WHERE id = ?", append(values, have.id)...); err != nil {
		return err
	}
	if !shown {
		return nil
	}
	w.owe(key, have.cells)
	w.owe(key, cells)
	return w.tell(key, have, false, row, cells)
}

// tell notes that a row is new or has changed, for memory and for subscribers.
func (w *writer) tell(key Key, have held, created bool, row Row, cells []any) error {
	if w.t.Join == nil {
		w.event(Event{Key: key, Row: have.id, Was: have.id, Created: created}, have.parts)
		return nil
	}
	beside, err := besideOf(row)
	if err != nil {
		return fmt.Errorf("write down the row %s: %w", key.ID(), err)
	}
	w.show(key, have, created, w.t.rowOf(key, cells, row.Labels, beside))
	return nil
}

// show notes how a row is to be shown from now on.
func (w *writer) show(key Key, have held, created bool, kept memory.Row) {
	kept.ID, kept.Revision, kept.SiteName = have.id, w.seq, w.siteName
	w.rows = append(w.rows, memory.Change{Row: kept})
	w.event(Event{Key: key, Row: have.id, Was: have.id, Created: created, show: sync.OnceValue(func() []byte { return w.t.showRow(&kept) })}, nil)
}

// remove takes a row out and remembers that it was there.
func (w *writer) remove(key Key, have held) error {
	w.seq++
	w.removed = true
	w.owe(key, have.cells)
	if err := w.exec("DELETE FROM "+w.t.table()+" WHERE id = ?", have.id); err != nil {
		return err
	}
	if err := w.exec("INSERT INTO gone (seq, type, site, namespace, name) VALUES (?, ?, ?, ?, ?)", w.seq, w.t.Name, key.Site, key.Namespace, key.Name); err != nil {
		return err
	}
	w.rows = append(w.rows, memory.Change{Row: memory.Row{ID: have.id}, Gone: true})
	w.event(Event{Key: key, Row: have.id, Was: have.id, Removed: true}, nil)
	return nil
}

// reach notes how far a batch has followed its source, if it says so.
func (w *writer) reach(batch Batch) error {
	if batch.Version == "" {
		return nil
	}
	return w.exec("INSERT OR REPLACE INTO cursor (site, source, version, left_out) VALUES (?, ?, ?, ?)",
		batch.Site, batch.Type.Sources[batch.Source].Name(), batch.Version, batch.LeftOut)
}

// forget forgets the removals that lie more than so many changes back, and marks from where on they are known.
func (w *writer) forget(remembered int64) error {
	floor := w.seq - remembered
	forgotten, err := w.tx.ExecContext(w.ctx, "DELETE FROM gone WHERE seq <= ?", floor)
	if err != nil {
		return err
	}
	if count, err := forgotten.RowsAffected(); err != nil || count == 0 {
		return err
	}
	return w.exec("INSERT INTO gone (seq, type, site, namespace, name) VALUES (?, ?, '', '', '')", floor, floorType)
}

func (w *writer) event(event Event, parts [][]byte) {
	event.Type, event.Revision = w.t.Name, w.seq
	if w.t.Join == nil {
		event.Parts = parts
	}
	w.events = append(w.events, event)
}

func (w *writer) exec(query string, values ...any) error {
	_, err := w.run(query, values...)
	return err
}

// insert gives the number of the new row.
func (w *writer) insert(query string, values ...any) (int64, error) {
	result, err := w.run(query, values...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func (w *writer) run(query string, values ...any) (sql.Result, error) {
	statement, err := w.prepare(query)
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(w.ctx, values...)
}

// prepare keeps a statement for the rest of the batch.
func (w *writer) prepare(query string) (*sql.Stmt, error) {
	if statement, ok := w.prepared[query]; ok {
		return statement, nil
	}
	statement, err := w.statements.of(w.ctx, w.tx, query)
	if err != nil {
		return nil, err
	}
	if w.prepared == nil {
		w.prepared = map[string]*sql.Stmt{}
	}
	w.prepared[query] = statement
	return statement, nil
}

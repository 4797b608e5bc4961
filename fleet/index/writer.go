package index

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// writer writes the changes of one batch.
type writer struct {
	ctx      context.Context
	tx       *sql.Tx
	t        *Type
	seq      int64
	siteName string
	events   []Event
	removed  bool
	prepared map[string]*sql.Stmt
}

// change puts one part into its row, or takes it out.
func (w *writer) change(key Key, source int, part []byte) error {
	id, parts, err := w.load(key)
	if err != nil {
		return err
	}
	waiting, err := w.loadWaiting(key, id, parts)
	if err != nil {
		return err
	}
	if bytes.Equal(parts[source], part) {
		return nil
	}
	parts[source] = part
	switch {
	case parts[0] != nil:
		if waiting {
			if err := w.exec("DELETE FROM waiting WHERE type = ? AND site = ? AND namespace = ? AND name = ?", w.t.Name, key.Site, key.Namespace, key.Name); err != nil {
				return err
			}
		}
		return w.save(key, id, parts)
	case id != 0:
		if err := w.remove(key, id); err != nil {
			return err
		}
	}
	return w.wait(key, parts)
}

// load reads the parts of a row; id is 0 when there is none.
func (w *writer) load(key Key) (int64, [][]byte, error) {
	parts := make([][]byte, len(w.t.Sources))
	var id int64
	targets := []any{&id}
	names := make([]string, len(parts))
	for i := range parts {
		names[i] = fmt.Sprintf("part_%d", i)
		targets = append(targets, &parts[i])
	}
	statement, err := w.prepare("SELECT id, " + strings.Join(names, ", ") + " FROM " + w.t.table() + " WHERE site = ? AND namespace = ? AND name = ?")
	if err != nil {
		return 0, nil, err
	}
	err = statement.QueryRowContext(w.ctx, key.Site, key.Namespace, key.Name).Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, parts, nil
	}
	return id, parts, err
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

// save joins the parts and writes the row.
func (w *writer) save(key Key, id int64, parts [][]byte) error {
	row := Row{}
	if w.t.Join != nil {
		var err error
		if row, err = w.t.Join(parts); err != nil {
			return fmt.Errorf("join the row %s: %w", key.ID(), err)
		}
	}
	document, err := w.t.document(key, row)
	if err != nil {
		return fmt.Errorf("write down the row %s: %w", key.ID(), err)
	}
	before, err := w.labelsBefore(id)
	if err != nil {
		return fmt.Errorf("read the labels of the row %s: %w", key.ID(), err)
	}
	w.seq++
	values, err := w.values(key, row, document, parts)
	if err != nil {
		return fmt.Errorf("row %s: %w", key.ID(), err)
	}
	created := id == 0
	if created {
		id, err = w.insert(w.t.insertion(), values...)
	} else {
		err = w.exec(w.t.update(), append(values, id)...)
	}
	if err != nil {
		return err
	}
	if err := w.relabel(id, before, row.Labels); err != nil {
		return fmt.Errorf("label the row %s: %w", key.ID(), err)
	}
	w.event(Event{Key: key, Created: created, Document: document}, parts)
	return nil
}

// remove takes a row out and remembers that it was there.
func (w *writer) remove(key Key, id int64) error {
	w.seq++
	w.removed = true
	labels, err := w.labelsBefore(id)
	if err != nil {
		return fmt.Errorf("read the labels of the row %s: %w", key.ID(), err)
	}
	if err := w.relabel(id, labels, nil); err != nil {
		return fmt.Errorf("take the labels of the row %s away: %w", key.ID(), err)
	}
	if err := w.exec("DELETE FROM "+w.t.table()+" WHERE id = ?", id); err != nil {
		return err
	}
	if err := w.exec("INSERT INTO gone (seq, type, site, namespace, name) VALUES (?, ?, ?, ?, ?)", w.seq, w.t.Name, key.Site, key.Namespace, key.Name); err != nil {
		return err
	}
	w.event(Event{Key: key, Removed: true}, nil)
	return nil
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
	statement, err := w.tx.PrepareContext(w.ctx, query)
	if err != nil {
		return nil, err
	}
	if w.prepared == nil {
		w.prepared = map[string]*sql.Stmt{}
	}
	w.prepared[query] = statement
	return statement, nil
}

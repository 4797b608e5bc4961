package index

import (
	"bytes"
	"database/sql"
	"errors"
	"strings"
)

// held is what the file has of one object. Without a row, id is 0.
type held struct {
	id int64
	// cells are the values of written.
	cells []any
	// parts are what the row was joined from; for rows of one part, its mark.
	parts [][]byte
}

// has says whether a part is there already, or is gone as it should be.
func (h held) has(t *Type, source int, part []byte) bool {
	if t.keeping() == marked {
		return part == nil && h.id == 0 || part != nil && h.id != 0 && bytes.Equal(h.parts[0], mark(part))
	}
	return (part == nil) == (h.parts[source] == nil) && bytes.Equal(h.parts[source], part)
}

// heldIn is what of the file is held.
func (t *Type) heldIn() string {
	names := []string{"id"}
	for source := range t.Sources {
		names = append(names, t.partColumn(source))
	}
	if t.Join != nil {
		names = append(names, t.written()...)
	}
	return strings.Join(names, ", ")
}

// loading is the query that load asks. It is made once for a batch.
func (t *Type) loading() string {
	return "SELECT " + t.heldIn() + " FROM " + t.table() + " WHERE site = ? AND namespace = ? AND name = ?"
}

// empty has a place for everything that is held.
func (w *writer) empty() held {
	have := held{parts: make([][]byte, len(w.t.Sources))}
	if w.t.Join != nil {
		have.cells = make([]any, len(w.written))
	}
	return have
}

// targets are the places, in the order of heldIn.
func (h *held) targets() []any {
	targets := []any{&h.id}
	for i := range h.parts {
		targets = append(targets, &h.parts[i])
	}
	for i := range h.cells {
		targets = append(targets, &h.cells[i])
	}
	return targets
}

// load reads what the file has of an object.
func (w *writer) load(key Key) (held, error) {
	have := w.empty()
	statement, err := w.prepare(w.loading)
	if err != nil {
		return held{}, err
	}
	err = statement.QueryRowContext(w.ctx, key.Site, key.Namespace, key.Name).Scan(have.targets()...)
	if errors.Is(err, sql.ErrNoRows) {
		return held{parts: have.parts}, nil
	}
	return have, err
}

// differing are the columns of a row that are not what they were, with their values now. Those alone are written: SQLite
// takes each column that is named out of its index and puts it in again, whatever its value.
func (w *writer) differing(before, now []any) (names []string, values []any) {
	for i, name := range w.written {
		if !same(before[i], now[i]) {
			names, values = append(names, name+" = ?"), append(values, now[i])
		}
	}
	return names, values
}

// same compares two cells. A whole number comes back from the file as an integer, whatever it went in as.
func same(before, now any) bool {
	switch n := now.(type) {
	case []byte:
		b, ok := before.([]byte)
		return ok && bytes.Equal(b, n)
	case float64:
		if whole, ok := before.(int64); ok {
			return float64(whole) == n
		}
	}
	return before == now
}

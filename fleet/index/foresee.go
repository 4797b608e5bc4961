package index

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// together is of how many objects is read at once what the file has of them. In a batch of a list that is many times
// cheaper than one after the other.
const together = 50

// foreseen is what the file had of an object before the batch.
type foreseen struct {
	held

	waiting bool
}

// foresee reads what the file has of the objects of a large batch. Of what is left over each is read by itself, as in the
// small batches of a watch. Of a site that has nothing yet nothing is read.
func (w *writer) foresee(site string, objects []object) error {
	if len(objects) < together {
		return nil
	}
	rows, err := w.any("SELECT 1 FROM "+w.t.table()+" WHERE site = ? LIMIT 1", site)
	if err != nil {
		return err
	}
	waiting, err := w.any("SELECT 1 FROM waiting WHERE type = ? AND site = ? LIMIT 1", w.t.Name, site)
	if err != nil {
		return err
	}
	if !rows && !waiting {
		w.expect(objects)
		return nil
	}
	for ; len(objects) >= together; objects = objects[together:] {
		keys := w.expect(objects[:together])
		if rows {
			if err := w.foreseeRows(site, keys); err != nil {
				return err
			}
		}
		if waiting {
			if err := w.foreseeWaiting(site, keys); err != nil {
				return err
			}
		}
	}
	return nil
}

// any says whether a query finds anything.
func (w *writer) any(query string, values ...any) (bool, error) {
	statement, err := w.prepare(query)
	if err != nil {
		return false, err
	}
	var found int
	err = statement.QueryRowContext(w.ctx, values...).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return found > 0, err
}

// expect takes it that the file has nothing of some objects, and gives their addresses.
func (w *writer) expect(objects []object) []any {
	keys := make([]any, 0, 2*len(objects)+2)
	sources := len(w.t.Sources)
	w.rows, w.events = slices.Grow(w.rows, len(objects)), slices.Grow(w.events, len(objects))
	all, parts := make([]foreseen, len(objects)), make([][]byte, sources*len(objects))
	for i, each := range objects {
		keys = append(keys, each.key.Namespace, each.key.Name)
		all[i].parts, parts = parts[:sources:sources], parts[sources:]
		w.ahead[each.key] = &all[i]
	}
	return keys
}

// wanted are so many addresses as a table, before a query that begins with them.
const wanted = "WITH wanted (its_namespace, its_name) AS (VALUES (?, ?)"

// foreseeRows reads rows with their parts.
func (w *writer) foreseeRows(site string, keys []any) error {
	query := wanted + strings.Repeat(", (?, ?)", together-1) + ") SELECT namespace, name, " + w.t.heldIn() +
		" FROM wanted CROSS JOIN " + w.t.table() + " WHERE site = ? AND namespace = its_namespace AND name = its_name"
	rows, err := w.query(query, append(keys, site)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		key := Key{Site: site}
		found := &foreseen{held: w.empty()}
		if err := rows.Scan(append([]any{&key.Namespace, &key.Name}, found.targets()...)...); err != nil {
			return err
		}
		w.ahead[key] = found
	}
	return rows.Err()
}

// foreseeWaiting reads the parts that have no row.
func (w *writer) foreseeWaiting(site string, keys []any) error {
	query := wanted + strings.Repeat(", (?, ?)", together-1) + ") SELECT namespace, name, source, part FROM wanted CROSS JOIN waiting" +
		" WHERE type = ? AND site = ? AND namespace = its_namespace AND name = its_name"
	rows, err := w.query(query, append(keys, w.t.Name, site)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		key, source, part := Key{Site: site}, 0, []byte(nil)
		if err := rows.Scan(&key.Namespace, &key.Name, &source, &part); err != nil {
			return err
		}
		if found := w.ahead[key]; found.id == 0 {
			found.parts[source], found.waiting = part, true
		}
	}
	return rows.Err()
}

// before is what the file has of an object. What was foreseen of it holds once: afterwards the batch has changed it.
func (w *writer) before(key Key) (held, bool, error) {
	if found, ok := w.ahead[key]; ok {
		delete(w.ahead, key)
		return found.held, found.waiting, nil
	}
	have, err := w.load(key)
	if err != nil {
		return held{}, false, err
	}
	waiting, err := w.loadWaiting(key, have.id, have.parts)
	return have, waiting, err
}

func (w *writer) query(query string, values ...any) (*sql.Rows, error) {
	statement, err := w.prepare(query)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(w.ctx, values...)
}

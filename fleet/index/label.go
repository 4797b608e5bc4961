package index

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// labels is the name of the table of the labels of a type's rows: which row has which word under which key.
func (t *Type) labels() string {
	return `"label_` + t.Name + `"`
}

// labelTable is that table. Keys are long and few, so a number stands for each.
func (t *Type) labelTable() string {
	return "CREATE TABLE IF NOT EXISTS " + t.labels() +
		" (key INTEGER NOT NULL, word TEXT NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (key, word, object)) WITHOUT ROWID;\n"
}

// labelNumber is the number of a key. Two keys with one number would be taken for each other; nobody finds such keys by
// accident, and who makes them on purpose could have given his own objects the other label as well.
func labelNumber(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // the sign means nothing
}

// relabel writes which labels a row has now, where they are not those that it had.
func (w *writer) relabel(id int64, before, now map[string]string) error {
	for key, word := range before {
		if have, ok := now[key]; ok && have == word {
			continue
		}
		if err := w.exec("DELETE FROM "+w.t.labels()+" WHERE key = ? AND word = ? AND object = ?", labelNumber(key), word, id); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if had, ok := before[key]; ok && had == now[key] {
			continue
		}
		if err := w.exec("INSERT OR IGNORE INTO "+w.t.labels()+" (key, word, object) VALUES (?, ?, ?)", labelNumber(key), now[key], id); err != nil {
			return err
		}
	}
	return nil
}

// labelsBefore are the labels that a row had, as it shows them.
func (h held) labelsBefore() (map[string]string, error) {
	text := h.rest()
	if text == "" {
		return nil, nil
	}
	var r struct {
		Labels map[string]string `json:"labels"`
	}
	err := json.Unmarshal([]byte(text), &r)
	return r.Labels, err
}

// negative says that a condition on a label is met by rows without it.
func (c condition) negative() bool {
	return slices.Contains([]operator{differs, containsNot, noneOf, absent}, c.operator)
}

// picked is the rows that have the label as the condition says, or, where it is negative, as it says not.
func (c condition) picked() clause {
	text, values := "SELECT object FROM "+c.labels+" WHERE key = ?", []any{labelNumber(c.label)}
	switch c.operator {
	case present, absent:
		return clause{text, values}
	case differs:
		c.operator = equals
	case containsNot:
		c.operator = contains
	case noneOf:
		c.operator = oneOf
	}
	word := c.textClause("word", nil)
	return clause{text + " AND " + word.text, append(values, word.values...)}
}

// labelClause looks at each row whether it has the label. The pluses keep SQLite from going to the rows by it.
func (c condition) labelClause() clause {
	rows := c.picked()
	switch {
	case c.negative():
		return clause{"+id NOT IN (" + rows.text + ")", rows.values}
	case c.operator == equals || c.operator == oneOf:
		return clause{"EXISTS (" + rows.text + " AND object = +id)", rows.values}
	default:
		return clause{"+id IN (" + rows.text + ")", rows.values}
	}
}

// pickedBy is the rows that a filter picks by labels alone. It is empty where something else decides, too.
func pickedBy(alternatives []condition) clause {
	var picks []clause
	for _, c := range alternatives {
		if c.label == "" || c.negative() {
			return clause{}
		}
		picks = append(picks, c.picked())
	}
	return join(picks, " UNION ALL ")
}

// few is up to how many rows are gone to one by one and sorted. Of more, a page is together sooner along the order.
const few = 2000

// everyRow is the narrowest filter of a query of which none picks few rows.
const everyRow = -1

// narrowest finds a filter of the query that picks few rows by their labels.
func (x *Index) narrowest(ctx context.Context, q *Query) (int, error) {
	for i, alternatives := range q.filters {
		picked := pickedBy(alternatives)
		if picked.text == "" {
			continue
		}
		var count int
		text := "SELECT count(*) FROM (SELECT 1 FROM (" + picked.text + ") LIMIT ?)"
		if err := x.read.QueryRowContext(ctx, text, append(picked.values, few+1)...).Scan(&count); err != nil {
			return 0, fmt.Errorf("look for labels of %s: %w", q.Type.Plural, err)
		}
		if count <= few {
			return i, nil
		}
	}
	return everyRow, nil
}

// removeBeside takes away what lies beside a site's rows, before the rows go: labels, and parts that lie apart.
func removeBeside(ctx context.Context, tx *sql.Tx, t *Type, site string) error {
	var statements []string
	of := "IN (SELECT id FROM " + t.table() + " WHERE site = ?)"
	if t.Join != nil {
		statements = append(statements, "DELETE FROM "+t.labels()+" WHERE object "+of)
	}
	if t.keeping() == apart {
		for i := range t.Sources {
			statements = append(statements, "DELETE FROM "+t.partTable(i)+" WHERE id "+of)
		}
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, site); err != nil {
			return err
		}
	}
	return nil
}

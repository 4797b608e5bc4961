package index

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
)

// keeping is how a type's parts are kept.
type keeping int

const (
	// whole is for types without Join: their one part lies in the row, and whoever watches them reads it.
	whole keeping = iota
	// marked is for rows of one part: the row says all that came of it, so that a mark is enough to know it again.
	marked
	// apart is for rows of several parts: when one changes, the others are needed. They lie in tables of their own, so
	// that lists do not wade through them.
	apart
)

func (t *Type) keeping() keeping {
	switch {
	case t.Join == nil:
		return whole
	case len(t.Sources) == 1:
		return marked
	default:
		return apart
	}
}

// mark knows a part again.
func mark(part []byte) []byte {
	sum := sha256.Sum256(part)
	return sum[:16]
}

// partTable is the name of the table of the parts of one source.
func (t *Type) partTable(source int) string {
	return fmt.Sprintf(`"part_%s_%d"`, t.Name, source)
}

// partColumns are the columns of a row for its parts.
func (t *Type) partColumns() []string {
	switch t.keeping() {
	case whole:
		return []string{"part"}
	case marked:
		return []string{"part", "part_size"} // the mark of it
	default:
		return nil
	}
}

// partDefinition makes the tables for parts that lie apart.
func (t *Type) partDefinition() string {
	if t.keeping() != apart {
		return ""
	}
	var b strings.Builder
	for i := range t.Sources {
		fmt.Fprintf(&b, "CREATE TABLE IF NOT EXISTS %s (id INTEGER PRIMARY KEY, part BLOB NOT NULL);\n", t.partTable(i))
	}
	return b.String()
}

// partJoin adds the parts that lie apart to a query over the rows; selected are what is read of the parts.
func (t *Type) partJoin() (joined string, selected []string) {
	if t.keeping() != apart {
		return "", t.partColumns()[:1]
	}
	for i := range t.Sources {
		table := t.partTable(i)
		joined += " LEFT JOIN " + table + " ON " + table + ".id = " + t.table() + ".id"
		selected = append(selected, table+".part")
	}
	return joined, selected
}

// kept are the values of partColumns.
func (t *Type) kept(parts [][]byte) []any {
	switch t.keeping() {
	case whole:
		return []any{parts[0]}
	case marked:
		return []any{mark(parts[0]), len(parts[0])}
	default:
		return nil
	}
}

// put writes the parts of a row that lie apart, where they are not what they were.
func (w *writer) put(id int64, source int, part []byte) error {
	if w.t.keeping() != apart {
		return nil
	}
	if part == nil {
		return w.exec("DELETE FROM "+w.t.partTable(source)+" WHERE id = ?", id)
	}
	return w.exec("INSERT OR REPLACE INTO "+w.t.partTable(source)+" (id, part) VALUES (?, ?)", id, part)
}

// removeBeside takes away the parts of a site's rows that lie apart, before the rows go.
func removeBeside(ctx context.Context, tx *sql.Tx, t *Type, site string) error {
	if t.keeping() != apart {
		return nil
	}
	for i := range t.Sources {
		statement := "DELETE FROM " + t.partTable(i) + " WHERE id IN (SELECT id FROM " + t.table() + " WHERE site = ?)"
		if _, err := tx.ExecContext(ctx, statement, site); err != nil {
			return err
		}
	}
	return nil
}

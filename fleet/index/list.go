package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Entry is one row as it is read.
type Entry struct {
	// Key is the row's.
	Key Key
	// Revision is the number of the row's last change.
	Revision int64
	// Document is the row as JSON.
	Document []byte
}

// Page is the answer to a query.
type Page struct {
	// Entries are the rows, in order.
	Entries []Entry
	// Count is how many rows the query has in all.
	Count int
	// Pages is how many pages that makes.
	Pages int
	// Continue is the token of the next page, empty on the last.
	Continue string
	// Revision is the number of the last change before the page was read.
	Revision int64
}

// List answers a query.
func (x *Index) List(ctx context.Context, q Query) (Page, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	narrowest, err := x.narrowest(ctx, &q)
	if err != nil {
		return Page{}, x.doubt(err)
	}
	where, err := q.where(way{narrowest: narrowest})
	if err != nil {
		return Page{}, err
	}
	page := Page{Revision: x.Revision()}
	if err := x.read.QueryRowContext(ctx, "SELECT count(*) FROM "+q.Type.table()+" WHERE "+where.text, where.values...).Scan(&page.Count); err != nil {
		return Page{}, fmt.Errorf("count %s: %w", q.Type.Plural, x.doubt(err))
	}
	page.Pages = (page.Count + q.Size - 1) / q.Size
	if err := x.readPage(ctx, q, narrowest, &page); err != nil {
		return Page{}, fmt.Errorf("list %s: %w", q.Type.Plural, x.doubt(err))
	}
	return page, nil
}

// readPage reads one row more than asked for, to know whether there is a next page.
//
// Who sees half of the sites or more has a page together after a few steps along the order.
func (x *Index) readPage(ctx context.Context, q Query, narrowest int, page *Page) error {
	where, err := q.where(way{ordered: 2*len(q.Scope.Sites) >= len(x.Sites()), narrowest: narrowest})
	if err != nil {
		return err
	}
	behind, sorting := q.behind()
	condition := join([]clause{where, behind}, " AND ")
	keys := make([]string, 0, len(q.sort))
	for _, key := range q.sort {
		keys = append(keys, key.column.ordering())
	}
	selected := append(q.Type.cells(), keys...)
	text := "SELECT id, seq, site, namespace, name, " + strings.Join(selected, ", ") + " FROM " + q.Type.table() + " WHERE " + condition.text + sorting + " LIMIT ?"
	values := append(condition.values, q.Size+1)
	if q.after == nil {
		text += " OFFSET ?"
		values = append(values, (q.Page-1)*q.Size)
	}
	rows, err := x.read.QueryContext(ctx, text, values...)
	if err != nil {
		return err
	}
	defer rows.Close()
	last := token{Order: q.order()}
	cells := make([]any, len(selected)-len(keys))
	for rows.Next() {
		if len(page.Entries) == q.Size {
			page.Continue, err = last.encode()
			return err
		}
		last.Values = make([]any, len(keys))
		entry, err := scanEntry(rows, q.Type, &last.ID, cells, last.Values)
		if err != nil {
			return err
		}
		page.Entries = append(page.Entries, entry)
	}
	return rows.Err()
}

// scanEntry reads one row: its number, where it lives, its cells, and what it is sorted by.
func scanEntry(rows *sql.Rows, t *Type, id *int64, cells, keys []any) (Entry, error) {
	var entry Entry
	targets := []any{id, &entry.Revision, &entry.Key.Site, &entry.Key.Namespace, &entry.Key.Name}
	for _, values := range [][]any{cells, keys} {
		for i := range values {
			targets = append(targets, &values[i])
		}
	}
	if err := rows.Scan(targets...); err != nil {
		return Entry{}, err
	}
	var err error
	entry.Document, err = t.show(entry.Key, cells)
	return entry, err
}

// ErrNotFound says that the index has no such row.
var ErrNotFound = errors.New("not found")

// Get reads one row. Whether the caller may see it is asked before.
func (x *Index) Get(ctx context.Context, t *Type, key Key) (Entry, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	entry, cells := Entry{Key: key}, make([]any, len(t.cells()))
	targets := []any{&entry.Revision}
	for i := range cells {
		targets = append(targets, &cells[i])
	}
	text := "SELECT seq, " + strings.Join(t.cells(), ", ") + " FROM " + t.table() + " WHERE site = ? AND namespace = ? AND name = ?"
	err := x.read.QueryRowContext(ctx, text, key.Site, key.Namespace, key.Name).Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fmt.Errorf("%s %s: %w", t.Name, key.ID(), ErrNotFound)
	}
	if err == nil {
		entry.Document, err = t.show(key, cells)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read %s %s: %w", t.Name, key.ID(), err)
	}
	return entry, nil
}

// Tally is how many rows have one combination of values.
type Tally struct {
	// Values are those of the columns that were asked for.
	Values []string
	// Count is how many rows have them.
	Count int
	// Sums are those of the columns that were to be added up.
	Sums []float64
}

// Count counts the rows of a query by the columns named, and adds up others.
func (x *Index) Count(ctx context.Context, q Query, by, sums []string) ([]Tally, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	narrowest, err := x.narrowest(ctx, &q)
	if err != nil {
		return nil, err
	}
	where, err := q.where(way{narrowest: narrowest})
	if err != nil {
		return nil, err
	}
	group, err := expressions(q.Type, by)
	if err != nil {
		return nil, err
	}
	added, err := expressions(q.Type, sums)
	if err != nil {
		return nil, err
	}
	columns := append([]string{}, group...)
	columns = append(columns, "count(*)")
	for _, column := range added {
		columns = append(columns, "coalesce(sum("+column+"), 0)")
	}
	text := "SELECT " + strings.Join(columns, ", ") + " FROM " + q.Type.table() + " WHERE " + where.text
	if len(group) > 0 {
		text += " GROUP BY " + strings.Join(group, ", ")
	}
	rows, err := x.read.QueryContext(ctx, text, where.values...)
	if err != nil {
		return nil, fmt.Errorf("count %s: %w", q.Type.Plural, err)
	}
	defer rows.Close()
	return scanTallies(rows, len(group), len(added))
}

func expressions(t *Type, names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		column, ok := t.column(name)
		if !ok {
			return nil, unknownField(t, name)
		}
		all = append(all, column.expression())
	}
	return all, nil
}

func scanTallies(rows *sql.Rows, groups, sums int) ([]Tally, error) {
	var tallies []Tally
	for rows.Next() {
		tally := Tally{Values: make([]string, groups), Sums: make([]float64, sums)}
		var targets []any
		for i := range tally.Values {
			targets = append(targets, &tally.Values[i])
		}
		targets = append(targets, &tally.Count)
		for i := range tally.Sums {
			targets = append(targets, &tally.Sums[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		tallies = append(tallies, tally)
	}
	return tallies, rows.Err()
}

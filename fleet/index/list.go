package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"crofthci.io/croft/fleet/index/memory"
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

// List answers a query, from memory.
func (x *Index) List(_ context.Context, q Query) (Page, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	page := Page{Revision: x.Revision()}
	tests, err := x.tests(&q)
	if err != nil {
		return Page{}, err
	}
	table, err := x.table(q.Type)
	if err != nil {
		return Page{}, err
	}
	found := table.Select(memory.Query{
		Scope: q.Scope.sights(), Search: q.searched(), Tests: tests, Keys: q.keys(), After: q.position(), Offset: (q.Page - 1) * q.Size, Limit: q.Size,
	})
	page.Count = found.Count
	page.Pages = (page.Count + q.Size - 1) / q.Size
	if q.SummaryOnly {
		return page, nil
	}
	page.Entries = make([]Entry, 0, len(found.Rows))
	for _, row := range found.Rows {
		page.Entries = append(page.Entries, Entry{
			Key: Key{Site: row.Site, Namespace: row.Namespace, Name: row.Name}, Revision: row.Revision, Document: row.Document,
		})
	}
	if found.More {
		last := found.Rows[len(found.Rows)-1]
		if page.Continue, err = (token{Order: q.order(), Values: q.ended(found.Last), ID: last.ID}).encode(); err != nil {
			return Page{}, fmt.Errorf("list %s: %w", q.Type.Plural, err)
		}
	}
	return page, nil
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
		var row memory.Row
		if row, err = t.loaded(key, cells); err == nil {
			entry.Document = t.showRow(&row)
		}
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read %s %s: %w", t.Name, key.ID(), x.doubt(err))
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
func (x *Index) Count(_ context.Context, q Query, by, sums []string) ([]Tally, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	tests, err := x.tests(&q)
	if err != nil {
		return nil, err
	}
	group, err := q.Type.places(by)
	if err != nil {
		return nil, err
	}
	added, err := q.Type.places(sums)
	if err != nil {
		return nil, err
	}
	table, err := x.table(q.Type)
	if err != nil {
		return nil, err
	}
	var tallies []Tally
	for _, each := range table.Count(memory.Query{Scope: q.Scope.sights(), Search: q.searched(), Tests: tests}, group, added) {
		tallies = append(tallies, Tally(each))
	}
	return tallies, nil
}

// places are where columns are in memory.
func (t *Type) places(names []string) ([]int, error) {
	var all []int
	for _, name := range names {
		column, ok := t.column(name)
		if !ok {
			return nil, unknownField(t, name)
		}
		at, _ := t.at(column)
		all = append(all, at)
	}
	return all, nil
}

package index

import (
	"maps"
	"slices"
	"strings"
)

// Count is what rows of another type are for a row of this one: how many name it, in its namespace at its site.
type Count struct {
	// Of is the name of the type whose rows are counted. An index without that type counts none.
	Of string
	// By is the column of those rows that has the name of the row that they count for. It is one of Text.
	By string
	// Columns are what is counted of them.
	Columns []Counted
}

// Counted is a number of rows, in columns of the row that they count for.
type Counted struct {
	// Where has what the rows that are counted have in columns of Text.
	Where map[string]string
	// Number is the column, of kind Number, that holds how many there are.
	Number string
	// Last is the column, of kind Time, that holds when the newest of them was made; 0 without any.
	Last string
}

// count is a Count between two types of an index.
type count struct {
	of, at *Type
	// by is the cell of Count.By in rows of of, and cells are those of at that hold the sums, in their order.
	by    int
	cells []int
	// sums are the sums in SQL, made of names from the code alone, and values what they ask for.
	sums   string
	values []any
}

// countsOf are the counts between types.
func countsOf(types []*Type) (counts []*count) {
	for _, t := range types {
		for _, each := range t.Counts {
			at := slices.IndexFunc(types, func(other *Type) bool { return other.Name == each.Of })
			if at < 0 {
				continue
			}
			c := &count{of: types[at], at: t, by: types[at].cellOf(each.By)}
			var sums []string
			for _, columns := range each.Columns {
				where, values := columns.where()
				sums = append(sums, "COALESCE(SUM("+where+"), 0)", "COALESCE(MAX(CASE WHEN "+where+" THEN created END), 0)")
				c.values = append(append(c.values, values...), values...)
				c.cells = append(c.cells, t.cellOf(columns.Number), t.cellOf(columns.Last))
			}
			c.sums = strings.Join(sums, ", ")
			counts = append(counts, c)
		}
	}
	return counts
}

// where is which rows are counted, in SQL.
func (c Counted) where() (text string, values []any) {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.Where)) {
		all, values = append(all, Column{Name: name}.expression()+" = ?"), append(values, c.Where[name])
	}
	return strings.Join(all, " AND "), values
}

// cellOf is the cell of one of the type's own columns.
func (t *Type) cellOf(column string) int {
	return firstColumn + slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == column })
}

// definition is how rows are found that count for one.
func (c *count) definition() string {
	return "CREATE INDEX IF NOT EXISTS \"counted_" + c.of.Name + "_" + c.at.Name + "\" ON " + c.of.table() + " (site, namespace, " + c.column() + ");\n"
}

// column is Count.By in SQL.
func (c *count) column() string { return c.of.Columns[c.by-firstColumn].expression() }

// most is how many rows are counted for one: what a site says costs no more than that to count.
const most = 10_000

// counting is a count while a batch is written.
type counting struct {
	*count
	// asked says that it has been looked whether the site has any rows that are counted, and some that it has.
	asked, some bool
}

// countAll puts the sums into the cells of a row: those that it had, for whoever brings rows that are counted writes them
// there, or of a new row those of what has come before it.
func (w *writer) countAll(key Key, have held, cells []any) error {
	for i := range w.counts {
		c := &w.counts[i]
		if have.id != 0 {
			for _, cell := range c.cells {
				cells[cell] = have.cells[cell]
			}
			continue
		}
		if !c.asked {
			var err error
			if c.some, err = w.any("SELECT 1 FROM "+c.of.table()+" WHERE site = ? LIMIT 1", key.Site); err != nil {
				return err
			}
			c.asked = true
		}
		if !c.some {
			continue
		}
		if err := w.sum(c.count, key, cells); err != nil {
			return err
		}
	}
	return nil
}

// sum counts what there is for a row.
func (w *writer) sum(c *count, key Key, cells []any) error {
	statement, err := w.prepare("SELECT " + c.sums + " FROM (SELECT * FROM " + c.of.table() + " WHERE site = ? AND namespace = ? AND " + c.column() + " = ? LIMIT ?)")
	if err != nil {
		return err
	}
	var targets []any
	for _, cell := range c.cells {
		targets = append(targets, &cells[cell])
	}
	return statement.QueryRowContext(w.ctx, append(slices.Clone(c.values), key.Site, key.Namespace, key.Name, most)...).Scan(targets...)
}

// owner is a row for which another counts.
type owner struct {
	count *count
	key   Key
}

// owe notes that a row counts or has counted for another.
func (w *writer) owe(key Key, cells []any) {
	for _, c := range w.countedBy {
		name, _ := cells[c.by].(string)
		if name == "" {
			continue
		}
		if w.owners == nil {
			w.owners = map[owner]struct{}{}
		}
		w.owners[owner{c, Key{Site: key.Site, Namespace: key.Namespace, Name: name}}] = struct{}{}
	}
}

// settleCounts brings the rows up to date for which those of a batch count, and gives who wrote them, in order.
func (x *Index) settleCounts(w *writer) ([]*writer, error) {
	writers := []*writer{w}
	for _, c := range w.countedBy {
		var owners []Key
		for each := range w.owners {
			if each.count == c {
				owners = append(owners, each.key)
			}
		}
		slices.SortFunc(owners, func(a, b Key) int { return strings.Compare(a.ID(), b.ID()) })
		last := writers[len(writers)-1]
		next := x.writerOf(w.ctx, w.tx, c.at)
		next.seq, next.siteName = last.seq, w.siteName
		for _, key := range owners {
			if err := next.recount(c, key); err != nil {
				return nil, err
			}
		}
		writers = append(writers, next)
	}
	return writers, nil
}

// recount writes the sums of a row that is there, if they have changed.
func (w *writer) recount(c *count, key Key) error {
	have, err := w.load(key)
	if err != nil || have.id == 0 {
		return err
	}
	cells := slices.Clone(have.cells)
	if err := w.sum(c, key, cells); err != nil {
		return err
	}
	names, values := w.differing(have.cells, cells)
	if len(names) == 0 {
		return nil
	}
	w.seq++
	if err := w.exec("UPDATE "+w.t.table()+" SET "+strings.Join(names, ", ")+", seq = ? WHERE id = ?", append(values, w.seq, have.id)...); err != nil {
		return err
	}
	row, err := w.t.loaded(key, cells)
	if err != nil {
		return err
	}
	w.show(key, have, false, row)
	return nil
}

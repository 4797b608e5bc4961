package index

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index/memory"
)

// newTables are empty tables in memory, one for each type that is shown.
func newTables(types []*Type) map[string]*memory.Table {
	tables := map[string]*memory.Table{}
	for _, t := range types {
		if t.Join == nil {
			continue
		}
		var own, orders []memory.Column
		for _, column := range t.Columns {
			values, order := column.inMemory()
			own, orders = append(own, values), append(orders, order...)
		}
		tables[t.Name] = memory.New(t.showVisited, append(own, orders...)...)
	}
	return tables
}

// inMemory is how the column is kept in memory, and, of addresses, how their order is. The orders come behind all columns,
// as in the file.
func (c Column) inMemory() (values memory.Column, order []memory.Column) {
	shared := memory.Word
	if c.Own {
		shared = memory.Text
	}
	switch c.Kind {
	case Number, Time:
		return memory.Column{Kind: memory.Number, Ordered: true}, nil
	case Addresses:
		return memory.Column{Kind: memory.Text, Searched: c.Searched}, []memory.Column{{Kind: memory.Bytes, Ordered: true}}
	case Words:
		return memory.Column{Kind: shared, Searched: c.Searched}, nil
	default:
		return memory.Column{Kind: shared, Ordered: true, Searched: c.Searched}, nil
	}
}

// fixedInMemory are the columns of every row in memory.
var fixedInMemory = map[string]int{
	"site": memory.Site, "namespace": memory.Namespace, "name": memory.Name, "uid": memory.UID, "created": memory.Created,
}

// at is where a column is in memory, and by which one it is sorted. The type's own columns come first, as in column.
func (t *Type) at(c Column) (values, order int) {
	behind := memory.First + len(t.Columns)
	for i, own := range t.Columns {
		if own.Name == c.Name && own.Kind != Addresses {
			return memory.First + i, memory.First + i
		}
		if own.Name == c.Name {
			return memory.First + i, behind
		}
		if own.Kind == Addresses {
			behind++
		}
	}
	return fixedInMemory[c.Name], fixedInMemory[c.Name]
}

// inCells are values as memory has them.
func inCells(values []any) []memory.Cell {
	all := make([]memory.Cell, 0, len(values))
	for _, value := range values {
		switch v := value.(type) {
		case string:
			all = append(all, memory.Cell{Text: v})
		case []byte:
			all = append(all, memory.Cell{Text: string(v)})
		case int64:
			cell := memory.Cell{Number: float64(v)}
			if v > mostExact || v < -mostExact {
				cell.Whole = v
			}
			all = append(all, cell)
		case float64:
			all = append(all, memory.Cell{Number: v})
		default:
			all = append(all, memory.Cell{})
		}
	}
	return all
}

// rowOf is a row as memory has it, of the values that are written of it.
func (t *Type) rowOf(key Key, written []any, labels map[string]string, beside string) memory.Row {
	uid, _ := written[cellUID].(string)
	created, _ := written[cellCreated].(int64)
	return memory.Row{
		Site: key.Site, Namespace: key.Namespace, Name: key.Name, UID: uid, Created: created,
		Cells: inCells(written[firstColumn:]), Labels: labels, Beside: beside,
	}
}

// remember takes over what has been written.
func (x *Index) remember(t *Type, changes []memory.Change) {
	if table := x.tables[t.Name]; table != nil && len(changes) > 0 {
		table.Apply(changes)
	}
}

// loadRows reads all rows of the file.
func (x *Index) loadRows(ctx context.Context) error {
	x.tables = newTables(x.types)
	for _, t := range x.types {
		table := x.tables[t.Name]
		if table == nil {
			continue
		}
		if err := table.Load(func(put func(memory.Row)) error { return x.loadType(ctx, t, put) }); err != nil {
			return fmt.Errorf("load %s: %w", t.Plural, err)
		}
	}
	return nil
}

// loadType reads all rows of one type.
func (x *Index) loadType(ctx context.Context, t *Type, put func(memory.Row)) error {
	written := t.written()
	rows, err := x.write.QueryContext(ctx, "SELECT id, seq, site, namespace, name, "+strings.Join(written, ", ")+" FROM "+t.table())
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, len(written))
	for rows.Next() {
		var id, revision int64
		var key Key
		targets := []any{&id, &revision, &key.Site, &key.Namespace, &key.Name}
		for i := range values {
			targets = append(targets, &values[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row, err := t.loaded(key, values)
		if err != nil {
			return fmt.Errorf("row %s: %w", key.ID(), err)
		}
		row.ID, row.Revision, row.SiteName = id, revision, x.nameOf(key.Site)
		put(row)
	}
	return rows.Err()
}

// loaded is a row of what is written of it.
func (t *Type) loaded(key Key, values []any) (memory.Row, error) {
	var r rest
	if text, _ := values[cellRest].(string); text != "" {
		if err := decode.Known([]byte(text), &r); err != nil {
			return memory.Row{}, err
		}
	}
	labels, beside := r.Labels, ""
	if r.Labels = nil; len(r.State) > 0 || len(r.Shown) > 0 {
		text, err := json.Marshal(r)
		if err != nil {
			return memory.Row{}, err
		}
		beside = string(text)
	}
	return t.rowOf(key, values, labels, beside), nil
}

// table is the rows of a type that is shown.
func (x *Index) table(t *Type) (*memory.Table, error) {
	table := x.tables[t.Name]
	if table == nil {
		return nil, fmt.Errorf("%s are kept for the hub's own use: there are no lists of them", t.Plural)
	}
	return table, nil
}

// nameOf is what a site is called, its id if nobody has said.
func (x *Index) nameOf(site string) string {
	if known, ok := x.Site(site); ok && known.Name != "" {
		return known.Name
	}
	return site
}

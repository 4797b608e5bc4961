package index

import (
	"fmt"
	"net/netip"
	"strings"
)

// cellsOf are the values of cells and, behind them, the orders of addresses: what is written of a row.
func (t *Type) cellsOf(row Row) ([]any, error) {
	created := int64(0)
	if !row.Created.IsZero() {
		created = row.Created.Unix()
	}
	rest, err := restOf(row)
	if err != nil {
		return nil, err
	}
	cells, orders := append(make([]any, 0, firstColumn+len(t.Columns)+2), row.UID, created, rest), []any(nil)
	for i := range t.Columns {
		column := &t.Columns[i]
		value, err := column.store(row.Values[column.Name])
		if err != nil {
			return nil, err
		}
		cells = append(cells, value)
		if column.Kind == Addresses {
			addresses, _ := row.Values[column.Name].([]string)
			orders = append(orders, addressOrder(addresses))
		}
	}
	return append(cells, orders...), nil
}

// store turns a value into what the column holds.
func (c *Column) store(value any) (any, error) {
	switch v := value.(type) {
	case nil:
		if c.Kind == Number || c.Kind == Time {
			return int64(0), nil
		}
		return "", nil
	case string:
		if c.Kind == Text {
			return value, nil
		}
	case int64:
		if c.Kind == Number || c.Kind == Time {
			return value, nil
		}
	case float64:
		if c.Kind == Number {
			return value, nil
		}
	case []string:
		if c.Kind == Addresses || c.Kind == Words {
			return strings.Join(v, " "), nil
		}
	}
	return nil, fmt.Errorf("column %s cannot hold a %T", c.Name, value)
}

// addressOrder is what addresses are sorted by: the first one's bytes, so that 10.0.0.9 comes before 10.0.0.10.
func addressOrder(addresses []string) []byte {
	for _, text := range addresses {
		if address, err := netip.ParseAddr(text); err == nil {
			bytes := address.As16()
			return bytes[:]
		}
	}
	return []byte{}
}

// written are the columns that cellsOf has values for.
func (t *Type) written() []string {
	names := t.cells()
	for _, column := range t.Columns {
		if column.Kind == Addresses {
			names = append(names, column.ordering())
		}
	}
	return names
}

func (t *Type) insertion() string {
	names := append([]string{"seq", "site", "namespace", "name"}, append(t.partColumns(), t.written()...)...)
	return "INSERT INTO " + t.table() + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
}

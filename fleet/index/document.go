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
	cells, orders := []any{row.UID, created, rest}, []any(nil)
	for _, column := range t.Columns {
		value, err := column.store(row.Values[column.Name])
		if err != nil {
			return nil, err
		}
		cells, orders = append(cells, value[0]), append(orders, value[1:]...)
	}
	return append(cells, orders...), nil
}

// store turns a value into what the column holds: one value, or two for addresses.
func (c Column) store(value any) ([]any, error) {
	switch v := value.(type) {
	case nil:
		return c.empty(), nil
	case string:
		if c.Kind == Text {
			return []any{v}, nil
		}
	case int64:
		if c.Kind == Number || c.Kind == Time {
			return []any{v}, nil
		}
	case float64:
		if c.Kind == Number {
			return []any{v}, nil
		}
	case []string:
		switch c.Kind {
		case Addresses:
			return []any{strings.Join(v, " "), addressOrder(v)}, nil
		case Words:
			return []any{strings.Join(v, " ")}, nil
		}
	}
	return nil, fmt.Errorf("column %s cannot hold a %T", c.Name, value)
}

func (c Column) empty() []any {
	switch c.Kind {
	case Number, Time:
		return []any{int64(0)}
	case Addresses:
		return []any{"", []byte{}}
	default:
		return []any{""}
	}
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

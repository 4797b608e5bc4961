package index

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
)

// values are what is written, in the order of written.
func (w *writer) values(key Key, row Row, document []byte, parts [][]byte) ([]any, error) {
	created := int64(0)
	if !row.Created.IsZero() {
		created = row.Created.Unix()
	}
	values := []any{w.seq, key.Site, w.siteName, key.Namespace, key.Name, row.UID, created, string(document)}
	for _, column := range w.t.Columns {
		value, err := column.store(row.Values[column.Name])
		if err != nil {
			return nil, err
		}
		values = append(values, value...)
	}
	for _, part := range parts {
		values = append(values, part)
	}
	return values, nil
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
		return []any{0}
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

// written are the columns of a row that are written, without id.
func (t *Type) written() []string {
	names := []string{"seq", "site", "site_name", "namespace", "name", "uid", "created", "document"}
	for _, column := range t.Columns {
		names = append(names, column.expression())
		if column.Kind == Addresses {
			names = append(names, column.ordering())
		}
	}
	for i := range t.Sources {
		names = append(names, fmt.Sprintf("part_%d", i))
	}
	return names
}

func (t *Type) insertion() string {
	names := t.written()
	return "INSERT INTO " + t.table() + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
}

func (t *Type) update() string {
	return "UPDATE " + t.table() + " SET " + strings.Join(t.written(), " = ?, ") + " = ? WHERE id = ?"
}

// document is the row as a list shows it, without what is known only when it is shown: the site's name, how fresh it is
// and the links.
func (t *Type) document(key Key, row Row) ([]byte, error) {
	if t.Join == nil {
		return nil, nil
	}
	document := map[string]any{}
	for _, column := range t.Columns {
		value := row.Values[column.Name]
		if addresses, ok := value.([]string); value == nil || ok && addresses == nil {
			value = column.blank()
		}
		document[column.Name] = value
	}
	metadata := map[string]any{"name": key.Name, "uid": row.UID, "state": row.State}
	if key.Namespace != "" {
		metadata["namespace"] = key.Namespace
		document["namespace"] = key.Namespace
	}
	if len(row.Labels) > 0 {
		metadata["labels"] = row.Labels
	}
	if !row.Created.IsZero() {
		created := row.Created.UTC().Format("2006-01-02T15:04:05Z")
		metadata["creationTimestamp"], document["created"] = created, created
	}
	document["site"], document["name"], document["uid"], document["metadata"] = key.Site, key.Name, row.UID, metadata
	if key.Name == "" {
		metadata["name"] = key.Site
	}
	for name, value := range row.Shown {
		document[name] = value
	}
	return json.Marshal(document)
}

// blank is how a column without a value is shown.
func (c Column) blank() any {
	switch c.Kind {
	case Number, Time:
		return 0
	case Addresses, Words:
		return []string{}
	default:
		return ""
	}
}

package index

import (
	"fmt"
	"strings"
)

// layout is the version of the tables. A file with another one is set aside and filled anew from the sites.
const layout = 8

// common are the tables that do not belong to one type.
const common = `
CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS site (
  id TEXT PRIMARY KEY, document TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursor (
  site TEXT NOT NULL, source TEXT NOT NULL, version TEXT NOT NULL, left_out INTEGER NOT NULL,
  PRIMARY KEY (site, source)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (
  type TEXT NOT NULL, site TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, source INTEGER NOT NULL,
  part BLOB NOT NULL,
  PRIMARY KEY (type, site, namespace, name, source)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone (
  seq INTEGER PRIMARY KEY, type TEXT NOT NULL, site TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL
);
`

// table is the name of the type's table.
func (t *Type) table() string {
	return `"row_` + t.Name + `"`
}

// definition is the type's table. It has no index but of the rows' addresses: lists are read from memory, and so is what has
// changed.
func (t *Type) definition() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE IF NOT EXISTS %s (\n", t.table())
	b.WriteString("  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL,\n")
	b.WriteString("  site TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,\n")
	b.WriteString("  uid TEXT NOT NULL, created INTEGER NOT NULL, rest TEXT NOT NULL")
	for _, column := range t.Columns {
		fmt.Fprintf(&b, ",\n  %s", column.definition())
	}
	b.WriteString(t.partDefinition() + "\n);\n")
	fmt.Fprintf(&b, "CREATE UNIQUE INDEX IF NOT EXISTS \"key_%s\" ON %s (site, namespace, name);\n", t.Name, t.table())
	return b.String()
}

// definition is the column in CREATE TABLE.
func (c Column) definition() string {
	switch c.Kind {
	case Number:
		return c.expression() + " NUMERIC NOT NULL"
	case Time:
		return c.expression() + " INTEGER NOT NULL"
	case Addresses:
		return c.expression() + " TEXT NOT NULL, " + c.ordering() + " BLOB NOT NULL"
	default:
		return c.expression() + " TEXT NOT NULL"
	}
}

package index

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Type is one kind of row: what it is joined from, what lists sort and filter by, and whose right shows it.
type Type struct {
	// Name is the singular, in lower case: the type's name in the API and of its table.
	Name string
	// Plural is the last part of its address, such as virtualmachines.
	Plural string
	// Description is a sentence for people, shown in the schema.
	Description string
	// Hidden keeps the type out of the API: it is watched for the hub's own use.
	Hidden bool
	// OfHub says that the objects are the hub's own and no site's: whoever may see one there sees its row, whatever sites
	// he may know of. The site of such a row is the name under which the hub's RBAC is kept.
	OfHub bool
	// Links are what is served below a row of the hub's own, besides the row.
	Links []string
	// Sources are the resources that a row is joined from. The first is the row's own object: without it there is no row.
	Sources []Source
	// Columns are what lists sort and filter by, besides the ones that every row has (see fixed).
	Columns []Column
	// Counts are how many rows of other types belong to a row, in columns of it that Join leaves out.
	Counts []Count
	// Guards are the parts of a row that need more than the right to see the row.
	Guards []Guard
	// Join makes the row of the parts, one for each source and nil where there is no object. It is pure. A type without
	// Join has no columns and keeps the parts alone.
	Join func(parts [][]byte) (Row, error)
}

// Right is the resource that a caller must be allowed to list or get in a site to see rows of this type.
func (t *Type) Right() schema.GroupResource {
	return t.Sources[0].Resource.GroupResource()
}

// Source is one resource of a site's Kubernetes API that is watched.
type Source struct {
	// Resource is where the site serves it.
	Resource schema.GroupVersionResource
	// Trim takes from an object, as JSON, what Join needs, as JSON. It is pure, and refuses what it cannot read. An object
	// of which it takes nothing has no row.
	Trim func(object []byte) ([]byte, error)
	// Optional says that a site may serve no such resource; it then has no such rows.
	Optional bool
}

// Name is the source's name in cursors and metrics.
func (s Source) Name() string {
	return s.Resource.GroupResource().String()
}

// Row is what Join makes: one row without its key, which comes from the connection and from the object's address.
type Row struct {
	// UID is the object's own.
	UID string
	// Created is the object's creationTimestamp.
	Created time.Time
	// Labels are the object's.
	Labels map[string]string
	// State is how the row's state is shown.
	State State
	// Shown are further fields of the row as a list shows it, which nobody sorts or filters by. They win over what every
	// row shows.
	Shown map[string]any
	// Values are the columns by name: string, int64, float64 or, for addresses and words, []string.
	Values map[string]any
}

// State is the state of a row as Steve shows it in metadata.state.
type State struct {
	// Name is the state in one word and in lower case.
	Name string `json:"name"`
	// Transitioning says that it will change by itself.
	Transitioning bool `json:"transitioning"`
	// Error says that a person must look.
	Error bool `json:"error"`
	// Message explains, and may be empty.
	Message string `json:"message"`
}

// Key is where an object lives. The site is the connection's and never what an object says.
type Key struct {
	// Site is the id of the Rancher cluster.
	Site string
	// Namespace is empty for objects of the whole cluster.
	Namespace string
	// Name is the object's name. It is empty for the row of the site itself.
	Name string
}

// ID is the key as it stands in an address.
func (k Key) ID() string {
	if k.Name == "" {
		return k.Site
	}
	if k.Namespace == "" {
		return k.Site + "/" + k.Name
	}
	return k.Site + "/" + k.Namespace + "/" + k.Name
}

// Kind is the kind of values in a column.
type Kind int

// The kinds of columns.
const (
	// Text is compared without regard to case.
	Text Kind = iota
	// Number is compared by value.
	Number
	// Time is seconds since 1970 in the index and RFC 3339 everywhere else.
	Time
	// Addresses is a list of IP addresses, sorted by the bytes of the first.
	Addresses
	// Words is a list of words without spaces, such as names. Each is compared by itself, and nobody sorts by them, so that
	// they have no order.
	Words
)

// Column is something that a list sorts and filters by.
type Column struct {
	// Name is the column's name in the API and in the table.
	Name string
	// Kind says how it is compared.
	Kind Kind
	// Aliases are other names that queries may use, such as Steve's paths.
	Aliases []string
	// Description is a sentence for people, shown in the schema.
	Description string
	// Searched says that free text is looked for in it.
	Searched bool
	// Own says that hardly two rows have the same text, such as the names of guests. In memory other texts are kept once for
	// all rows that have them.
	Own bool
	// table says how the column is written in SQL; empty means its name, quoted.
	sql string
	// hid says that the caller may not see it: to him nothing stands there.
	hid bool
}

// fixed are the columns of every row.
var fixed = []Column{
	{Name: "site", Kind: Text, Aliases: []string{"siteName"}, Description: "The site, by id or by display name.", sql: "site"},
	{Name: "namespace", Kind: Text, Aliases: []string{"metadata.namespace"}, Description: "The namespace in the site.", sql: "namespace"},
	{Name: "name", Kind: Text, Aliases: []string{"metadata.name"}, Description: "The object's name.", sql: "name", Searched: true},
	{Name: "uid", Kind: Text, Aliases: []string{"metadata.uid"}, Description: "The object's UID.", sql: "uid"},
	{Name: "created", Kind: Time, Aliases: []string{"metadata.creationTimestamp"}, Description: "When the object was made.", sql: "created"},
}

// AllColumns are the columns of every row and then the type's own.
func (t *Type) AllColumns() []Column {
	all := make([]Column, 0, len(fixed)+len(t.Columns))
	all = append(all, fixed...)
	return append(all, t.Columns...)
}

// column finds a column by one of its names. The type's own names come first.
func (t *Type) column(name string) (Column, bool) {
	for _, column := range append(slices.Clone(t.Columns), fixed...) {
		if column.Name == name {
			return column, true
		}
		for _, alias := range column.Aliases {
			if alias == name {
				return column, true
			}
		}
	}
	return Column{}, false
}

// expression is the column in SQL. It is made of names from the code alone, never of anything that a caller sent.
func (c Column) expression() string {
	if c.sql != "" {
		return c.sql
	}
	return `"` + c.Name + `"`
}

// ordering is the second column in the file that addresses have, by which they are sorted.
func (c Column) ordering() string {
	return `"` + c.Name + `_order"`
}

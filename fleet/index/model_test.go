package index_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/index"
)

// item is a type with a column of each kind, joined from an item and its use.
var item = &index.Type{
	Name: "item", Plural: "items",
	Sources: []index.Source{
		{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "items"}},
		{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "uses"}},
	},
	Columns: []index.Column{
		{Name: "state", Searched: true},
		{Name: "cpu", Kind: index.Number},
		{Name: "due", Kind: index.Time},
		{Name: "addresses", Kind: index.Addresses, Searched: true},
		{Name: "tags", Kind: index.Words, Searched: true},
	},
	Join: func(parts [][]byte) (index.Row, error) {
		var all itemParts
		for _, part := range parts {
			if part == nil {
				continue
			}
			if err := json.Unmarshal(part, &all); err != nil {
				return index.Row{}, err
			}
		}
		return index.Row{
			UID: all.UID, Labels: all.Labels, Created: time.Unix(all.Created, 0), Shown: map[string]any{"note": all.Note},
			Values: map[string]any{"state": all.State, "cpu": all.CPU, "due": all.Due, "addresses": all.Addresses, "tags": all.Tags},
		}, nil
	},
}

// itemParts is what an item and its use are made of.
type itemParts struct {
	UID       string            `json:"uid,omitempty"`
	Note      string            `json:"note,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
	Created   int64             `json:"created,omitempty"`
	State     string            `json:"state,omitempty"`
	CPU       float64           `json:"cpu,omitempty"`
	Due       int64             `json:"due,omitempty"`
	Addresses []string          `json:"addresses,omitempty"`
	Tags      []string          `json:"tags,omitempty"`
}

// modelRow is a row of the model.
type modelRow struct {
	key   index.Key
	age   int
	parts itemParts
}

// model is the index as one would first write it: everything in memory, every query by looking at every row.
type model struct {
	parts    map[index.Key][2][]byte
	ages     map[index.Key]int
	names    map[string]string
	projects map[index.Key]string
	born     int
}

func newModel() *model {
	return &model{parts: map[index.Key][2][]byte{}, ages: map[index.Key]int{}, names: map[string]string{}, projects: map[index.Key]string{}}
}

// put takes one change. A row is as old as its own object.
func (m *model) put(key index.Key, source int, part []byte) {
	both := m.parts[key]
	both[source] = part
	m.parts[key] = both
	if both[0] == nil {
		delete(m.ages, key)
	} else if _, ok := m.ages[key]; !ok {
		m.born++
		m.ages[key] = m.born
	}
}

func (m *model) removeSite(site string) {
	maps.DeleteFunc(m.parts, func(key index.Key, _ [2][]byte) bool { return key.Site == site })
	maps.DeleteFunc(m.ages, func(key index.Key, _ int) bool { return key.Site == site })
	maps.DeleteFunc(m.projects, func(key index.Key, _ string) bool { return key.Site == site })
	delete(m.names, site)
}

func (m *model) siteName(site string) string {
	if name := m.names[site]; name != "" {
		return name
	}
	return site
}

// row is the row of an object that has one.
func (m *model) row(key index.Key) modelRow {
	r := modelRow{key: key, age: m.ages[key]}
	for _, part := range m.parts[key] {
		if part != nil {
			if err := json.Unmarshal(part, &r.parts); err != nil {
				panic(err)
			}
		}
	}
	return r
}

// find is the rows that a condition holds for, in order.
func (m *model) find(holds func(modelRow) bool, order func(a, b modelRow) int) []modelRow {
	var found []modelRow
	for key := range m.ages {
		if r := m.row(key); holds(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, order)
	return found
}

// text is a column as text.
func (m *model) text(r modelRow, column string) string {
	switch column {
	case "name":
		return r.key.Name
	case "namespace":
		return r.key.Namespace
	case "uid":
		return r.parts.UID
	case "state":
		return r.parts.State
	case "addresses":
		return strings.Join(r.parts.Addresses, " ")
	case "tags":
		return strings.Join(r.parts.Tags, " ")
	default:
		panic(column)
	}
}

func (m *model) number(r modelRow, column string) float64 {
	switch column {
	case "cpu":
		return r.parts.CPU
	case "due":
		return float64(r.parts.Due)
	case "created":
		return float64(r.parts.Created)
	default:
		panic(column)
	}
}

// compare compares two rows by one column.
func (m *model) compare(column string, a, b modelRow) int {
	switch column {
	case "cpu", "due", "created":
		return cmp.Compare(m.number(a, column), m.number(b, column))
	case "site":
		return strings.Compare(strings.ToLower(m.siteName(a.key.Site)), strings.ToLower(m.siteName(b.key.Site)))
	case "addresses":
		return strings.Compare(addressKey(a), addressKey(b))
	default:
		return strings.Compare(strings.ToLower(m.text(a, column)), strings.ToLower(m.text(b, column)))
	}
}

// addressKey sorts as the first address does.
func addressKey(r modelRow) string {
	for _, text := range r.parts.Addresses {
		if address, err := netip.ParseAddr(text); err == nil {
			bytes := address.As16()
			return string(bytes[:])
		}
	}
	return ""
}

// order is the order of sort=…: the columns, then the name, then the age, both as the last column goes.
func (m *model) order(keys []string) func(a, b modelRow) int {
	return func(a, b modelRow) int {
		down, named := false, false
		for _, key := range keys {
			column, descending := strings.CutPrefix(key, "-")
			down, named = descending, named || column == "name"
			if c := m.compare(column, a, b); c != 0 {
				return turned(c, descending)
			}
		}
		if !named {
			if c := m.compare("name", a, b); c != 0 {
				return turned(c, down)
			}
		}
		return turned(cmp.Compare(a.age, b.age), down)
	}
}

func turned(order int, descending bool) int {
	if descending {
		return -order
	}
	return order
}

// shown is the row as a list shows it.
func (m *model) shown(r modelRow) map[string]any {
	list := func(words []string) []any {
		all := []any{}
		for _, word := range words {
			all = append(all, word)
		}
		return all
	}
	moment := func(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
	metadata := map[string]any{
		"name": r.key.Name, "namespace": r.key.Namespace, "uid": r.parts.UID, "creationTimestamp": moment(r.parts.Created),
		"state": map[string]any{"name": "", "transitioning": false, "error": false, "message": ""},
	}
	if len(r.parts.Labels) > 0 {
		labels := map[string]any{}
		for key, word := range r.parts.Labels {
			labels[key] = word
		}
		metadata["labels"] = labels
	}
	row := map[string]any{
		"site": r.key.Site, "namespace": r.key.Namespace, "name": r.key.Name, "uid": r.parts.UID, "created": moment(r.parts.Created),
		"state": r.parts.State, "cpu": r.parts.CPU, "due": any(float64(0)), "addresses": list(r.parts.Addresses), "tags": list(r.parts.Tags),
		"note": r.parts.Note, "metadata": metadata,
	}
	if r.parts.Due != 0 {
		row["due"] = moment(r.parts.Due)
	}
	return row
}

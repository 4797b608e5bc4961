package index

import (
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index/memory"
)

// rest is what is shown of a row beside its columns. What goes without saying is left out of it.
type rest struct {
	// Labels are the object's. In memory they are kept for themselves, to be filtered by.
	Labels map[string]string `json:"labels,omitempty"`
	// State is how the state is shown, where that is more than the column's word.
	State json.RawMessage `json:"state,omitempty"`
	// Shown are the fields that nobody sorts or filters by.
	Shown map[string]json.RawMessage `json:"shown,omitempty"`
}

// restOf writes down the rest of a row; it is empty for most.
func restOf(row Row) (string, error) {
	var r struct {
		Labels map[string]string `json:"labels,omitempty"`
		State  *State            `json:"state,omitempty"`
		Shown  map[string]any    `json:"shown,omitempty"`
	}
	r.Labels, r.Shown = row.Labels, row.Shown
	word, _ := row.Values["state"].(string)
	if row.State != (State{Name: strings.ToLower(word)}) {
		r.State = &row.State
	}
	switch {
	case len(r.Shown) > 0 || r.State != nil:
	case len(r.Labels) == 0:
		return "", nil
	default: // as most rows
		b := builder{text: append(make([]byte, 0, 256), '{')}
		b.labels(ordered(r.Labels))
		return string(append(b.text, '}')), nil
	}
	text, err := json.Marshal(r)
	return string(text), err
}

// besideOf writes down what memory keeps for being shown alone.
func besideOf(row Row) (string, error) {
	row.Labels = nil
	return restOf(row)
}

// The first cells of a row, before those of its columns.
const (
	cellUID = iota
	cellCreated
	cellRest
	firstColumn
)

// cells are the columns of the table that a row is shown of.
func (t *Type) cells() []string {
	names := []string{"uid", "created", "rest"}
	for _, column := range t.Columns {
		names = append(names, column.expression())
	}
	return names
}

// shown is a row while it is shown.
type shown struct {
	key     Key
	uid     string
	created int64
	// cell gives the cells of the type's own columns.
	cell func(column int) memory.Cell
	// labels are in the order of their keys.
	labels iter.Seq2[string, string]
	beside rest
}

// showVisited writes a row of memory.
func (t *Type) showVisited(into []byte, v memory.Visited) []byte {
	row := shown{
		key: Key{Site: v.Site, Namespace: v.Namespace, Name: v.Name}, uid: v.Cell(memory.UID).Text, created: int64(v.Cell(memory.Created).Number),
		cell: func(column int) memory.Cell { return v.Cell(memory.First + column) }, labels: v.Labels, beside: besideIn(v.Beside()),
	}
	return t.show(into, &row)
}

// showRow writes a row that is not in memory, or not yet.
func (t *Type) showRow(r *memory.Row) []byte {
	row := shown{
		key: Key{Site: r.Site, Namespace: r.Namespace, Name: r.Name}, uid: r.UID, created: r.Created,
		cell: func(column int) memory.Cell { return r.Cells[column] }, beside: besideIn(r.Beside),
		labels: ordered(r.Labels),
	}
	return t.show(make([]byte, 0, 1024), &row)
}

// ordered are labels in the order of their keys.
func ordered(labels map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		keys := make([]string, 0, len(labels))
		for key := range labels {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if !yield(key, labels[key]) {
				return
			}
		}
	}
}

// besideIn reads what was written down by besideOf. Most rows have nothing of it.
func besideIn(text string) rest {
	var r rest
	if text == "" {
		return r
	}
	if err := decode.Known([]byte(text), &r); err != nil {
		return rest{} // it is the hub's own writing, and was read when the row was
	}
	return r
}

// show writes a row as a list shows it, without what is known only when it is shown: the site's name, how fresh it is and
// the links.
func (t *Type) show(into []byte, row *shown) []byte {
	b := builder{text: append(into, '{'), instead: row.beside.Shown}
	b.words("site", row.key.Site)
	if row.key.Namespace != "" {
		b.words("namespace", row.key.Namespace)
	}
	b.words("name", row.key.Name)
	b.words("uid", row.uid)
	if row.created != 0 {
		b.moment("created", row.created)
	}
	word := ""
	for i := range t.Columns {
		cell := row.cell(i)
		if t.Columns[i].Name == "state" {
			word = cell.Text
		}
		b.column(&t.Columns[i], cell)
	}
	b.metadata(row, word)
	for name, value := range row.beside.Shown {
		b.name(name)
		b.text = append(b.text, value...)
	}
	return append(b.text, '}')
}

// builder writes an object field by field.
type builder struct {
	text []byte
	// instead are fields that are written at the end, in place of others of their name.
	instead map[string]json.RawMessage
}

// open begins a field, unless there is another instead.
func (b *builder) open(name string) bool {
	if _, ok := b.instead[name]; ok {
		return false
	}
	b.name(name)
	return true
}

func (b *builder) name(name string) {
	if b.text[len(b.text)-1] != '{' {
		b.text = append(b.text, ',')
	}
	b.text = append(quoted(b.text, name), ':')
}

func (b *builder) words(name, text string) {
	if b.open(name) {
		b.text = quoted(b.text, text)
	}
}

func (b *builder) moment(name string, seconds int64) {
	if b.open(name) {
		b.text = dated(b.text, seconds)
	}
}

// dated writes a moment as Kubernetes does.
func dated(into []byte, seconds int64) []byte {
	return append(time.Unix(seconds, 0).UTC().AppendFormat(append(into, '"'), "2006-01-02T15:04:05Z"), '"')
}

// column writes the value of a column as its kind is shown.
func (b *builder) column(column *Column, cell memory.Cell) {
	if !b.open(column.Name) {
		return
	}
	switch {
	case column.Kind == Addresses || column.Kind == Words:
		b.text = listed(b.text, cell.Text)
	case column.Kind == Text:
		b.text = quoted(b.text, cell.Text)
	case column.Kind == Time && cell.Number != 0:
		b.text = dated(b.text, int64(cell.Number))
	default:
		b.text = numbered(b.text, cell)
	}
}

// mostExact is from where on not every whole number is a float64.
const mostExact = 1 << 53

// numbered writes a number, a whole one with all of its digits.
func numbered(into []byte, cell memory.Cell) []byte {
	switch n := cell.Number; {
	case cell.Whole != 0:
		return strconv.AppendInt(into, cell.Whole, 10)
	case n == math.Trunc(n) && math.Abs(n) <= mostExact:
		return strconv.AppendInt(into, int64(n), 10)
	default:
		return strconv.AppendFloat(into, n, 'g', -1, 64)
	}
}

// metadata writes the part that every Kubernetes object has.
func (b *builder) metadata(row *shown, word string) {
	if !b.open("metadata") {
		return
	}
	inner := builder{text: append(b.text, '{')}
	name := row.key.Name
	if name == "" {
		name = row.key.Site
	}
	inner.words("name", name)
	if row.key.Namespace != "" {
		inner.words("namespace", row.key.Namespace)
	}
	inner.words("uid", row.uid)
	if row.created != 0 {
		inner.moment("creationTimestamp", row.created)
	}
	inner.labels(row.labels)
	inner.name("state")
	if len(row.beside.State) > 0 {
		inner.text = append(inner.text, row.beside.State...)
	} else {
		inner.text = quoted(append(inner.text, `{"name":`...), strings.ToLower(word))
		inner.text = append(inner.text, `,"transitioning":false,"error":false,"message":""}`...)
	}
	b.text = append(inner.text, '}')
}

// labels writes labels, if there are any.
func (b *builder) labels(all iter.Seq2[string, string]) {
	some := false
	for key, word := range all {
		if !some {
			b.name("labels")
			b.text = append(b.text, '{')
			some = true
		}
		b.name(key)
		b.text = quoted(b.text, word)
	}
	if some {
		b.text = append(b.text, '}')
	}
}

// listed writes words with spaces between them as a list.
func listed(text []byte, words string) []byte {
	text = append(text, '[')
	first := true
	for word := range strings.FieldsSeq(words) {
		if !first {
			text = append(text, ',')
		}
		first = false
		text = quoted(text, word)
	}
	return append(text, ']')
}

// quoted writes text in quotes. What needs more than quotes is left to package json.
func quoted(into []byte, text string) []byte {
	if isPlain(text) {
		into = append(into, '"')
		into = append(into, text...)
		return append(into, '"')
	}
	written, err := json.Marshal(text)
	if err != nil {
		return append(into, `""`...) // a text can always be written
	}
	return append(into, written...)
}

// isPlain says whether a text needs nothing but quotes.
func isPlain(text string) bool {
	for i := range len(text) {
		if char := text[i]; char < ' ' || char > '~' || char == '"' || char == '\\' || char == '<' || char == '>' || char == '&' {
			return false
		}
	}
	return true
}

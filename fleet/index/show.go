package index

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// rest is what is shown of a row beside its columns. What goes without saying is left out of it.
type rest struct {
	// Labels are the object's.
	Labels json.RawMessage `json:"labels,omitempty"`
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
	if len(r.Labels) == 0 && len(r.Shown) == 0 && r.State == nil {
		return "", nil
	}
	text, err := json.Marshal(r)
	return string(text), err
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

// show writes a row as a list shows it, without what is known only when it is shown: the site's name, how fresh it is and
// the links.
func (t *Type) show(key Key, cells []any) ([]byte, error) {
	var r rest
	if text, _ := cells[cellRest].(string); text != "" {
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, err
		}
	}
	uid, _ := cells[cellUID].(string)
	created, _ := cells[cellCreated].(int64)
	b := builder{text: make([]byte, 0, 1024), instead: r.Shown}
	b.text = append(b.text, '{')
	b.words("site", key.Site)
	if key.Namespace != "" {
		b.words("namespace", key.Namespace)
	}
	b.words("name", key.Name)
	b.words("uid", uid)
	if created != 0 {
		b.moment("created", created)
	}
	word := ""
	for i, column := range t.Columns {
		value := cells[firstColumn+i]
		if text, ok := value.(string); ok && column.Name == "state" {
			word = text
		}
		b.column(column, value)
	}
	b.metadata(key, uid, created, word, &r)
	for name, value := range r.Shown {
		b.name(name)
		b.text = append(b.text, value...)
	}
	return append(b.text, '}'), nil
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
		b.text = quoted(b.text, time.Unix(seconds, 0).UTC().Format("2006-01-02T15:04:05Z"))
	}
}

// column writes the value of a column as its kind is shown.
func (b *builder) column(column Column, value any) {
	if !b.open(column.Name) {
		return
	}
	switch v := value.(type) {
	case string:
		if column.Kind == Addresses || column.Kind == Words {
			b.text = listed(b.text, v)
			return
		}
		b.text = quoted(b.text, v)
	case int64:
		if column.Kind == Time && v != 0 {
			b.text = quoted(b.text, time.Unix(v, 0).UTC().Format("2006-01-02T15:04:05Z"))
			return
		}
		b.text = strconv.AppendInt(b.text, v, 10)
	case float64:
		b.text = strconv.AppendFloat(b.text, v, 'g', -1, 64)
	default:
		b.text = append(b.text, "null"...)
	}
}

// metadata writes the part that every Kubernetes object has.
func (b *builder) metadata(key Key, uid string, created int64, word string, r *rest) {
	if !b.open("metadata") {
		return
	}
	inner := builder{text: append(b.text, '{')}
	name := key.Name
	if name == "" {
		name = key.Site
	}
	inner.words("name", name)
	if key.Namespace != "" {
		inner.words("namespace", key.Namespace)
	}
	inner.words("uid", uid)
	if created != 0 {
		inner.moment("creationTimestamp", created)
	}
	if len(r.Labels) > 0 {
		inner.name("labels")
		inner.text = append(inner.text, r.Labels...)
	}
	inner.name("state")
	if len(r.State) > 0 {
		inner.text = append(inner.text, r.State...)
	} else {
		inner.text = quoted(append(inner.text, `{"name":`...), strings.ToLower(word))
		inner.text = append(inner.text, `,"transitioning":false,"error":false,"message":""}`...)
	}
	b.text = append(inner.text, '}')
}

// listed writes words with spaces between them as a list.
func listed(text []byte, words string) []byte {
	text = append(text, '[')
	for i, word := range strings.Fields(words) {
		if i > 0 {
			text = append(text, ',')
		}
		text = quoted(text, word)
	}
	return append(text, ']')
}

// quoted writes text in quotes. What needs more than quotes is left to package json.
func quoted(into []byte, text string) []byte {
	plain := utf8.ValidString(text) && !slices.ContainsFunc([]byte(text), func(char byte) bool {
		return char < ' ' || char == '"' || char == '\\' || char == '<' || char == '>' || char == '&' || char > '~'
	})
	if plain {
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

package serve

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// mostFields is how many fields of a row may be named.
const mostFields = 64

// fields are which fields of rows are asked for: those that are included, or all, without those that are excluded. A dot
// goes into a field, as for Steve.
type fields struct {
	include tree
	exclude []string
	// text is what was asked for: those who ask for the same are given the same.
	text string
}

// tree is fields by name, each with those in it that are meant, or none where all of it is.
type tree map[string]tree

// fieldsOf reads include and exclude, each any number of times or with commas between names.
func fieldsOf(values url.Values) (fields, error) {
	f := fields{text: url.Values{"include": values["include"], "exclude": values["exclude"]}.Encode()}
	for _, name := range []string{"include", "exclude"} {
		count := 0
		for _, path := range strings.Split(strings.Join(values[name], ","), ",") {
			if path = strings.TrimSpace(path); path == "" {
				continue
			}
			if count++; count > mostFields {
				return fields{}, &index.FieldError{Field: name, Message: fmt.Sprintf("names more than %d fields", mostFields)}
			}
			if name == "exclude" {
				f.exclude = append(f.exclude, path)
				continue
			}
			f.include = f.include.with(strings.Split(path, "."))
		}
	}
	return f, nil
}

// with adds a path. What is meant as a whole stays so.
func (t tree) with(path []string) tree {
	if t == nil {
		t = tree{}
	}
	inner, known := t[path[0]]
	switch {
	case len(path) == 1:
		t[path[0]] = nil
	case !known || inner != nil:
		t[path[0]] = inner.with(path[1:])
	}
	return t
}

// narrow leaves of an object of the API what is asked for. Its id, its type and its links are no fields of it, and stay.
func (f fields) narrow(object types.APIObject) types.APIObject {
	if row, ok := object.Object.(json.RawMessage); ok && (f.include != nil || f.exclude != nil) {
		object.Object = f.of(row)
	}
	return object
}

// of takes from a row what is asked for.
func (f fields) of(row json.RawMessage) json.RawMessage {
	if f.include != nil {
		row = f.include.pick(row)
	}
	for _, path := range f.exclude {
		row = without(row, path)
	}
	return row
}

// pick keeps of an object the fields of the tree. What is no object has none.
func (t tree) pick(object json.RawMessage) json.RawMessage {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return []byte("{}")
	}
	kept := map[string]json.RawMessage{}
	for name, inner := range t {
		value, ok := all[name]
		switch {
		case !ok:
		case inner == nil:
			kept[name] = value
		default:
			kept[name] = inner.pick(value)
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return []byte("{}")
	}
	return text
}

package serve

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
)

// mostFields is how many fields of a row may be named.
const mostFields = 64

// fields are which fields of rows are asked for: those that are included, or all, without those that are excluded. A dot
// goes into a field, as for Steve.
type fields struct {
	include, exclude decode.Tree
	// text is what was asked for: those who ask for the same are given the same.
	text string
}

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
				f.exclude = f.exclude.With(strings.Split(path, "."))
			} else {
				f.include = f.include.With(strings.Split(path, "."))
			}
		}
	}
	return f, nil
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
		row = f.include.Pick(row)
	}
	if f.exclude != nil {
		row = f.exclude.Cut(row)
	}
	return row
}

package serve

import (
	"bytes"
	"encoding/json"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// collection is Steve's collection and, of every site in it, how fresh it is.
type collection struct {
	*types.GenericCollection
	Count int `json:"count"`
	Pages int `json:"pages"`
	// Cursor goes on from this list in a subscription to the same query.
	Cursor string       `json:"cursor,omitempty"`
	Sites  []index.Site `json:"sites"`
}

// noRows is how a collection without rows ends up; nothing else looks like it, because quotes within a text are written
// otherwise.
const noRows = `"data":[]`

// text is the collection as JSON. The rows are JSON already and are taken as they are; package json would read each of
// them three times on its way out.
func (c collection) text() ([]byte, error) {
	rows := c.Data
	plain := *c.GenericCollection
	plain.Data = []*types.RawResource{}
	c.GenericCollection = &plain
	head, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	before, after, found := bytes.Cut(head, []byte(noRows))
	if !found {
		c.GenericCollection.Data = rows
		var plainly bytes.Buffer
		err := types.JSONEncoder(&plainly, c)
		return plainly.Bytes(), err
	}
	text := make([]byte, 0, len(head)+1200*len(rows))
	text = append(append(text, before...), noRows[:len(noRows)-1]...)
	for i, row := range rows {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = appendRow(text, row); err != nil {
			return nil, err
		}
	}
	return append(append(append(text, ']'), after...), '\n'), nil
}

// appendRow writes what Steve says of a row, and the row's own fields behind it.
func appendRow(text []byte, row *types.RawResource) ([]byte, error) {
	fields, ok := row.APIObject.Object.(json.RawMessage)
	if !ok || len(fields) < 3 || fields[0] != '{' {
		whole, err := json.Marshal(row)
		return append(text, whole...), err
	}
	type outer types.RawResource // without its own way of writing, which would write the fields, too
	head, err := json.Marshal((*outer)(row))
	if err != nil {
		return nil, err
	}
	text = append(text, head[:len(head)-1]...)
	return append(append(text, ','), fields[1:]...), nil
}

package steve

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/apiserver/pkg/writer"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// answers writes what Steve answers in JSON, in Steve's words and order but at a part of the cost: see text.
func answers() types.ResponseWriter {
	return &writer.GzipWriter{ResponseWriter: pages{
		&writer.EncodingResponseWriter{ContentType: "application/json", Encoder: encode},
	}}
}

// pages writes lists without asking for the addresses of all actions of all rows: what can be done with a row its
// formatter says.
type pages struct {
	types.ResponseWriter
}

// WriteList writes a list.
func (p pages) WriteList(op *types.APIRequest, code int, list types.APIObjectList) {
	if op.Schema != nil && len(op.Schema.ActionHandlers) > 0 {
		kinds, kind, own := op.Schemas.ShallowCopy(), *op.Schema, *op
		kinds.Attributes = op.Schemas.Attributes
		kind.ActionHandlers = nil
		kinds.Schemas[kind.ID] = &kind
		own.Schemas = kinds
		op = &own
	}
	p.ResponseWriter.WriteList(op, code, list)
}

// Of the text of a list, so much is kept before it is sent; and so much of the room for it is kept for the next list.
const (
	piece     = 64 << 10
	roomiest  = 4 * piece
	mostDepth = 1 << 10
)

// room is for texts in the making.
var room = sync.Pool{New: func() any { return &text{} }}

// encode writes a list, or a row, or something else.
func encode(to io.Writer, answer any) error {
	t := room.Get().(*text)
	defer t.leave()
	err := t.answer(to, answer)
	if err != nil {
		return err
	}
	t.bytes = append(t.bytes, '\n')
	_, err = to.Write(t.bytes)
	return err
}

// leave gives the room back, unless it has become too much.
func (t *text) leave() {
	if cap(t.bytes) > roomiest || cap(t.keys) > mostDepth {
		return
	}
	clear(t.keys[:cap(t.keys)]) // they belong to objects
	t.bytes, t.keys = t.bytes[:0], t.keys[:0]
	room.Put(t)
}

func (t *text) answer(to io.Writer, answer any) error {
	switch a := answer.(type) {
	case *types.GenericCollection:
		return t.collection(to, a)
	case *types.RawResource:
		return t.row(a)
	default:
		return t.value(a)
	}
}

// collection writes a list, and sends it piece by piece.
func (t *text) collection(to io.Writer, list *types.GenericCollection) error {
	head, err := json.Marshal(list.Collection)
	if err != nil {
		return err
	}
	t.bytes = append(append(t.bytes, head[:len(head)-1]...), `,"data":[`...)
	for i, row := range list.Data {
		if i > 0 {
			t.bytes = append(t.bytes, ',')
		}
		if err := t.row(row); err != nil {
			return err
		}
		if len(t.bytes) < piece {
			continue
		}
		if _, err := to.Write(t.bytes); err != nil {
			return err
		}
		t.bytes = t.bytes[:0]
	}
	t.bytes = append(t.bytes, ']')
	if len(list.Summary) > 0 {
		t.bytes = append(t.bytes, `,"summary":`...)
		if err := t.value(list.Summary); err != nil {
			return err
		}
	}
	t.bytes = append(t.bytes, '}')
	return nil
}

// row writes what Steve says of an object, and then the object itself.
func (t *text) row(row *types.RawResource) error {
	object, ok := rowObject(row)
	if !ok {
		return t.value(row)
	}
	t.bytes = append(t.bytes, '{')
	if row.ID != "" {
		t.bytes = append(t.bytes, `"id":`...)
		t.string(row.ID)
		t.bytes = append(t.bytes, ',')
	}
	if row.Type != "" {
		t.bytes = append(t.bytes, `"type":`...)
		t.string(row.Type)
		t.bytes = append(t.bytes, ',')
	}
	t.bytes = append(t.bytes, `"links":`...)
	if err := t.value(row.Links); err != nil {
		return err
	}
	if len(row.Actions) > 0 {
		t.bytes = append(t.bytes, `,"actions":`...)
		if err := t.value(row.Actions); err != nil {
			return err
		}
	}
	end := len(t.bytes)
	if err := t.value(object.Object); err != nil {
		return err
	}
	t.bytes[end] = ',' // where the object begins
	return nil
}

// rowObject is the object of a row, if it is one of the cluster's and has anything in it.
func rowObject(row *types.RawResource) (*unstructured.Unstructured, bool) {
	if row == nil {
		return nil, false
	}
	object, ok := row.APIObject.Object.(*unstructured.Unstructured)
	return object, ok && object != nil && len(object.Object) > 0
}

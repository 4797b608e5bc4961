package decode

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Tree names fields of an object, each with those in it that are meant, or none where all of it is.
type Tree map[string]Tree

// With adds a path. What is meant as a whole stays so.
func (t Tree) With(path []string) Tree {
	if t == nil {
		t = Tree{}
	}
	inner, known := t[path[0]]
	switch {
	case len(path) == 1:
		t[path[0]] = nil
	case !known || inner != nil:
		t[path[0]] = inner.With(path[1:])
	}
	return t
}

// Cut is an object without the fields of the tree. Where the object cannot be read, nothing of it is left.
func (t Tree) Cut(object []byte) []byte {
	return t.leave(object, func(into, name, value []byte, inner Tree, named bool) []byte {
		switch {
		case !named:
			return member(into, name, value)
		case inner == nil:
			return into
		case bytes.Equal(value, []byte("null")):
			return member(into, name, value)
		default:
			return member(into, name, inner.Cut(value))
		}
	})
}

// Pick is an object with nothing but the fields of the tree. What is no object has none.
func (t Tree) Pick(object []byte) []byte {
	return t.leave(object, func(into, name, value []byte, inner Tree, named bool) []byte {
		switch {
		case !named:
			return into
		case inner == nil:
			return member(into, name, value)
		default:
			return member(into, name, inner.Pick(value))
		}
	})
}

// leave writes an object field by field: what is left of each is told it, with what the tree says of it.
func (t Tree) leave(object []byte, left func(into, name, value []byte, inner Tree, named bool) []byte) []byte {
	into := append(make([]byte, 0, len(object)), '{')
	_, err := members(object, blank(object, 0), func(name []byte, at int) (int, error) {
		end := behind(object, at)
		if end < 0 {
			return 0, errOdd
		}
		inner, named, err := t.of(name)
		into = left(into, name, object[at:end], inner, named)
		return end, err
	})
	if err != nil {
		return []byte("{}")
	}
	return append(into, '}')
}

// of is what the tree says of a field, however its name is written.
func (t Tree) of(name []byte) (inner Tree, named bool, err error) {
	if escaped(name) {
		quoted := append(append([]byte{'"'}, name...), '"')
		if name, err = jsontext.AppendUnquote(nil, quoted); err != nil {
			return nil, false, err
		}
	}
	inner, named = t[string(name)]
	return inner, named, nil
}

// member writes a field as it was written.
func member(into, name, value []byte) []byte {
	if len(into) > 1 {
		into = append(into, ',')
	}
	into = append(append(append(into, '"'), name...), '"', ':')
	return append(into, value...)
}

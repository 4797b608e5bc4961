package steve

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

// text is JSON in the making. What it writes is what encoding/json writes of the same, byte for byte, but in one go:
// encoding/json looks at an object inside a row inside a list four times, because each of them writes itself.
type text struct {
	bytes []byte
	// keys are those of the objects that are being written, the outermost first.
	keys []string
}

// value writes anything. What objects of a cluster are made of is written here, and the rest by encoding/json.
func (t *text) value(value any) error {
	switch v := value.(type) {
	case nil:
		t.bytes = append(t.bytes, "null"...)
	case string:
		t.string(v)
	case bool:
		t.bytes = strconv.AppendBool(t.bytes, v)
	case int64:
		t.bytes = strconv.AppendInt(t.bytes, v, 10)
	case map[string]any:
		return members(t, v, t.value)
	case map[string]string:
		return members(t, v, func(value string) error {
			t.string(value)
			return nil
		})
	case []any:
		return t.list(v)
	case json.RawMessage:
		t.bytes = append(t.bytes, v...)
	default:
		written, err := json.Marshal(v)
		t.bytes = append(t.bytes, written...)
		return err
	}
	return nil
}

// members writes a map, by the order of its keys.
func members[V any](t *text, values map[string]V, write func(V) error) error {
	if values == nil {
		t.bytes = append(t.bytes, "null"...)
		return nil
	}
	begin := len(t.keys)
	for key := range values {
		t.keys = append(t.keys, key)
	}
	keys := t.keys[begin:] // objects inside write theirs behind these
	slices.Sort(keys)
	t.bytes = append(t.bytes, '{')
	for i, key := range keys {
		if i > 0 {
			t.bytes = append(t.bytes, ',')
		}
		t.string(key)
		t.bytes = append(t.bytes, ':')
		if err := write(values[key]); err != nil {
			return err
		}
	}
	t.bytes = append(t.bytes, '}')
	t.keys = t.keys[:begin]
	return nil
}

func (t *text) list(values []any) error {
	if values == nil {
		t.bytes = append(t.bytes, "null"...)
		return nil
	}
	t.bytes = append(t.bytes, '[')
	for i, value := range values {
		if i > 0 {
			t.bytes = append(t.bytes, ',')
		}
		if err := t.value(value); err != nil {
			return err
		}
	}
	t.bytes = append(t.bytes, ']')
	return nil
}

// string writes a string. Most have nothing in them that must be written otherwise.
func (t *text) string(s string) {
	begin := len(t.bytes)
	t.bytes = append(t.bytes, '"')
	done := 0
	for i := range len(s) {
		short := escapes[s[i]]
		if short == itself {
			continue
		}
		if short == rare {
			written, _ := json.Marshal(s) // a string can always be written
			t.bytes = append(t.bytes[:begin], written...)
			return
		}
		t.bytes = append(append(t.bytes, s[done:i]...), '\\', short)
		done = i + 1
	}
	t.bytes = append(append(t.bytes, s[done:]...), '"')
}

// A byte of a string stands for itself, or is written as a backslash and a letter, or is so rare that encoding/json may
// say how.
const (
	itself = 0
	rare   = 1
)

// escapes says which of it each byte is.
var escapes = func() (escapes [256]byte) {
	for b := range escapes {
		if b < ' ' || b >= utf8.RuneSelf {
			escapes[b] = rare
		}
	}
	escapes['<'], escapes['>'], escapes['&'] = rare, rare, rare // an answer may end up in a page
	escapes['"'], escapes['\\'] = '"', '\\'
	escapes['\n'], escapes['\r'], escapes['\t'] = 'n', 'r', 't'
	return escapes
}()

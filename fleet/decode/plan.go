package decode

import (
	"encoding"
	stdjson "encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// plans are how types are read, found out once.
var plans sync.Map

// planOf is how a type is read.
func planOf(t reflect.Type) reader {
	known, ok := plans.Load(t)
	if !ok {
		known, _ = plans.LoadOrStore(t, planWithin(t, nil))
	}
	return known.(reader) //nolint:forcetypeassert // nothing else is in it
}

// planWithin is how a type is read that is part of others. One that is part of itself is left to JSON there.
func planWithin(t reflect.Type, above []reflect.Type) reader {
	if slices.Contains(above, t) || slices.ContainsFunc(own, reflect.PointerTo(t).Implements) {
		return whole
	}
	return orNull(makePlan(t, append(slices.Clip(above), t)))
}

// own are the ways in which a type reads itself.
var own = []reflect.Type{
	reflect.TypeFor[stdjson.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[json.UnmarshalerFrom](),
}

func makePlan(t reflect.Type, above []reflect.Type) reader {
	switch t.Kind() {
	case reflect.String:
		return readText
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Uint32, reflect.Uint64:
		return readUint
	case reflect.Pointer:
		return pointer(t, above)
	case reflect.Slice:
		return slice(t, above)
	case reflect.Struct:
		return structure(t, above)
	case reflect.Map:
		if t == reflect.TypeFor[map[string]string]() {
			return readTexts
		}
	}
	return whole
}

// whole leaves a value to JSON, or to itself, as JSON would. Of times JSON has its own idea.
func whole(text []byte, at int, into reflect.Value) (int, error) {
	end := behind(text, at)
	if end < 0 {
		return 0, errOdd
	}
	target := into.Addr().Interface()
	if itself, ok := target.(stdjson.Unmarshaler); ok && into.Type() != reflect.TypeFor[time.Time]() {
		return end, itself.UnmarshalJSON(text[at:end])
	}
	return end, JSON(text[at:end], target)
}

// orNull reads null as nothing.
func orNull(otherwise reader) reader {
	return func(text []byte, at int, into reflect.Value) (int, error) {
		if at+4 <= len(text) && string(text[at:at+4]) == "null" {
			into.SetZero()
			return at + 4, nil
		}
		return otherwise(text, at, into)
	}
}

func pointer(t reflect.Type, above []reflect.Type) reader {
	inner := planWithin(t.Elem(), above)
	return func(text []byte, at int, into reflect.Value) (int, error) {
		if into.IsNil() {
			into.Set(reflect.New(t.Elem()))
		}
		return inner(text, at, into.Elem())
	}
}

func slice(t reflect.Type, above []reflect.Type) reader {
	if t.Elem().Kind() == reflect.Uint8 {
		return whole
	}
	inner := planWithin(t.Elem(), above)
	return func(text []byte, at int, into reflect.Value) (int, error) {
		if into.IsNil() {
			into.Set(reflect.MakeSlice(t, 0, 0))
		}
		count := 0
		into.SetLen(0)
		return inside(text, at, '[', ']', func(at int) (int, error) {
			if count == into.Cap() {
				into.Grow(1)
			}
			count++
			into.SetLen(count)
			into.Index(count - 1).SetZero()
			return inner(text, at, into.Index(count-1))
		})
	}
}

// field is where a field is, and how it is read.
type field struct {
	at   []int
	read reader
}

func structure(t reflect.Type, above []reflect.Type) reader {
	fields := map[string]field{}
	if !fieldsOf(t, nil, fields, above) {
		return whole
	}
	return func(text []byte, at int, into reflect.Value) (int, error) {
		return members(text, at, func(name []byte, at int) (int, error) {
			f, ok := fields[string(name)]
			if ok {
				return f.read(text, at, into.FieldByIndex(f.at))
			}
			end := behind(text, at)
			if end < 0 || escaped(name) {
				return 0, errOdd
			}
			return end, nil
		})
	}
}

// fieldsOf gathers the fields of a type by their names, and says whether all of them are as plain as is known here.
func fieldsOf(t reflect.Type, at []int, fields map[string]field, above []reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		path := append(at[:len(at):len(at)], i)
		switch _, known := fields[name]; {
		case tag == "-":
		case f.Anonymous && name == "":
			if f.Type.Kind() != reflect.Struct || !fieldsOf(f.Type, path, fields, above) {
				return false
			}
		case !f.IsExported():
		case name == "" || known || options != "" && options != "omitempty" && options != "omitzero":
			return false
		default:
			fields[name] = field{path, planWithin(f.Type, above)}
		}
	}
	return true
}

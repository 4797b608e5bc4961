package decode

import (
	"errors"
	"reflect"
)

// Known reads a text that is known to be JSON, such as an object of a list or what the hub has written itself, into a
// zero value. It reads as JSON does, at a third of its cost: what nobody asks for is stepped over without being looked at.
// Whatever is not plain is left to JSON.
func Known(text []byte, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return JSON(text, into)
	}
	if end, err := planOf(target.Type().Elem())(text, blank(text, 0), target.Elem()); err == nil && blank(text, end) == len(text) {
		return nil
	}
	target.Elem().SetZero()
	return JSON(text, into)
}

// errOdd says that something is not as plain as is known here.
var errOdd = errors.New("not plain")

// reader reads the value that begins at a place, and gives the place behind it.
type reader func(text []byte, at int, into reflect.Value) (int, error)

// blank is the next place that is not blank.
func blank(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return at
}

// members visits the fields of an object, with their names as they are written. A visitor reads the value.
func members(text []byte, at int, visit func(name []byte, at int) (int, error)) (int, error) {
	return inside(text, at, '{', '}', func(at int) (int, error) {
		end := behindText(text, at)
		if end < 0 {
			return 0, errOdd
		}
		colon := blank(text, end)
		if colon == len(text) || text[colon] != ':' {
			return 0, errOdd
		}
		return visit(text[at+1:end-1], blank(text, colon+1))
	})
}

// inside visits what stands between brackets, with commas between.
func inside(text []byte, at int, opening, closing byte, visit func(at int) (int, error)) (int, error) {
	if at >= len(text) || text[at] != opening {
		return 0, errOdd
	}
	at = blank(text, at+1)
	if at < len(text) && text[at] == closing {
		return at + 1, nil
	}
	for at < len(text) {
		end, err := visit(at)
		if err != nil {
			return 0, err
		}
		at = blank(text, end)
		switch {
		case at == len(text):
			return 0, errOdd
		case text[at] == closing:
			return at + 1, nil
		case text[at] != ',':
			return 0, errOdd
		}
		at = blank(text, at+1)
	}
	return 0, errOdd
}

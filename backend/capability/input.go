package capability

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	kjson "sigs.k8s.io/json"
)

// InputError says which field of an action's input is wrong, and how.
type InputError struct {
	// Field is the path of the field, or "" when the input as a whole is wrong.
	Field string
	// Problem is a sentence for a person.
	Problem string
}

// Error is the sentence.
func (e *InputError) Error() string {
	return e.Problem
}

// Refuse is the error of an action that finds a field of its input wrong: a 422 that names the field.
func Refuse(field, format string, args ...any) error {
	return &InputError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// Decode reads the input of the action from JSON. It is strict: a field that the action does not have, or has twice, or
// that has another type, is an InputError. No body at all is the zero input.
func (a Action) Decode(body []byte) (any, error) {
	if a.input == nil {
		_, err := decode(body, reflect.TypeFor[struct{}]())
		return nil, err
	}
	return decode(body, a.input)
}

func decode(body []byte, into reflect.Type) (any, error) {
	value := reflect.New(into)
	if strings.TrimSpace(string(body)) == "" {
		return value.Elem().Interface(), nil
	}
	if !utf8.Valid(body) {
		return nil, Refuse("", "The input is not text in UTF-8.")
	}
	strict, err := kjson.UnmarshalStrict(body, value.Interface())
	if err != nil {
		return nil, malformed(err)
	}
	for _, problem := range strict {
		return nil, unexpected(problem, into)
	}
	return value.Elem().Interface(), nil
}

func malformed(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return Refuse(kind.Field, "%s must be a %s, not a %s.", kind.Field, kind.Type, kind.Value)
	}
	return Refuse("", "The input is not a JSON object: %s.", err)
}

func unexpected(problem error, into reflect.Type) error {
	var at kjson.FieldError
	if !errors.As(problem, &at) {
		return Refuse("", "The input is wrong: %s.", problem)
	}
	if strings.HasPrefix(problem.Error(), "duplicate") {
		return Refuse(at.FieldPath(), "%s is there twice.", at.FieldPath())
	}
	return Refuse(at.FieldPath(), "There is no field %s here. %s", at.FieldPath(), known(into))
}

// known is a sentence that names the fields there are.
func known(into reflect.Type) string {
	names := make([]string, 0, into.NumField())
	for _, field := range Fields(reflect.Zero(into).Interface()) {
		names = append(names, field.Name)
	}
	if len(names) == 0 {
		return "This action takes no input."
	}
	return fmt.Sprintf("There is: %s.", strings.Join(names, ", "))
}

package setting

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	kjson "sigs.k8s.io/json"
)

// form checks a JSON object of known fields. A field that nobody knows is refused: a misspelt one would be ignored
// silently.
func form[T any](checks ...func(T) error) Check {
	return func(value string) error {
		read, unknown, err := decode[T](value)
		if err != nil {
			return err
		}
		if len(unknown) > 0 {
			return fmt.Errorf("cannot be understood: %w", unknown[0])
		}
		return each(read, checks)
	}
}

// open checks a JSON object of which Croft knows some fields only; the others are whoever reads them to judge.
func open[T any](checks ...func(T) error) Check {
	return func(value string) error {
		read, _, err := decode[T](value)
		if err != nil {
			return err
		}
		return each(read, checks)
	}
}

func decode[T any](value string) (read T, unknown []error, err error) {
	if err := object(value); err != nil {
		return read, nil, err
	}
	unknown, err = kjson.UnmarshalStrict([]byte(value), &read)
	if err != nil {
		return read, nil, fmt.Errorf("cannot be understood: %w", err)
	}
	return read, unknown, nil
}

func each[T any](read T, checks []func(T) error) error {
	for _, check := range checks {
		if err := check(read); err != nil {
			return err
		}
	}
	return nil
}

// field names what is wrong with one field of a form. The empty value of a text is no value.
func field(name, value string, check Check) error {
	if value == "" {
		return nil
	}
	if err := check(value); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	return nil
}

// between checks a number of a form.
func between(name string, number, least, most int64) error {
	if number < least || number > most {
		return fmt.Errorf("%s must be between %d and %d, not %d", name, least, most, number)
	}
	return nil
}

// needed asks for texts that a form cannot do without.
func needed(texts map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if texts[name] == "" {
			return errors.New(name + " is missing")
		}
	}
	return nil
}

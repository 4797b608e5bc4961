package capability

import (
	"reflect"
	"strings"
)

// Field is one field of an action's input or answer as it stands on the wire.
type Field struct {
	// Name is the JSON name.
	Name string
	// Type is the Go type.
	Type reflect.Type
	// Optional says that the field may be left out.
	Optional bool
}

// Fields are the fields of a struct, or of each of a slice, as they stand on the wire, in their order; none for nil.
func Fields(of any) []Field {
	if of == nil {
		return nil
	}
	kind, _ := Element(of)
	fields := make([]Field, 0, kind.NumField())
	for i := range kind.NumField() {
		name, options, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields = append(fields, Field{
			Name:     name,
			Type:     kind.Field(i).Type,
			Optional: strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"),
		})
	}
	return fields
}

// Element is the struct that an input or answer is made of, and whether it is a slice of them.
func Element(of any) (element reflect.Type, many bool) {
	kind := reflect.TypeOf(of)
	if kind.Kind() == reflect.Slice {
		return kind.Elem(), true
	}
	return kind, false
}

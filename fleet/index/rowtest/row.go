// Package rowtest makes rows as the index does, for the tests of types. Begin reading with Of.
package rowtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

// Case is an object and what one of its row's fields is to be. It is the bare struct, so that tables may leave its names out.
type Case = struct {
	// Reason says why.
	Reason string
	// Object is the object of the first source as JSON.
	Object string
	// Field is a column or, where there is none, a field that is shown besides.
	Field string
	// Want is its value.
	Want any
}

// Of trims objects and joins what is left, as the index does. An empty object is one that is not there.
func Of(t *testing.T, kind *index.Type, objects ...string) index.Row {
	t.Helper()
	parts := make([][]byte, len(kind.Sources))
	for i, object := range objects {
		if object == "" {
			continue
		}
		part, err := kind.Sources[i].Trim([]byte(object))
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = part
	}
	row, err := kind.Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range kind.Columns {
		if _, ok := row.Values[column.Name]; ok == counted(kind, column.Name) {
			t.Errorf("the row has its column %s: %v, want what is not counted alone", column.Name, ok)
		}
	}
	return row
}

// counted says that the index itself fills a column.
func counted(kind *index.Type, column string) bool {
	for _, count := range kind.Counts {
		for _, columns := range count.Columns {
			if column == columns.Number || column == columns.Last {
				return true
			}
		}
	}
	return false
}

// Check goes through a table.
func Check(t *testing.T, kind *index.Type, cases map[string]Case) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			row := Of(t, kind, tc.Object)
			got, ok := row.Values[tc.Field]
			if !ok {
				got = row.Shown[tc.Field]
			}
			if diff := cmp.Diff(tc.Want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.Reason, diff)
			}
		})
	}
}

// CheckGarbage holds that what is no such object is refused, and that what is hardly one has a row.
func CheckGarbage(t *testing.T, kind *index.Type) {
	t.Helper()
	for _, object := range []string{"", "null garbage", `{"metadata":5}`, `{"metadata":{"labels":7}}`, `[]`} {
		if _, err := kind.Sources[0].Trim([]byte(object)); err == nil {
			t.Errorf("%q was read", object)
		}
	}
	Of(t, kind, `{}`)
	if row := Of(t, kind, `{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}}`); row.State.Name != "removing" || row.Values["state"] != "Removing" {
		t.Errorf("what is being deleted shows the state %+v", row.State)
	}
}

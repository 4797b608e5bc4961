package serve

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

func TestFields(t *testing.T) {
	const row = `{"cpu":2,"metadata":{"labels":{"app":"web","tier":"gold"},"name":"x"},"state":"Running"}`
	cases := map[string]struct {
		reason, query, want string
	}{
		"All":     {"nothing is asked for in particular", "", row},
		"Include": {"what is named and nothing else", "include=cpu&include=state", `{"cpu":2,"state":"Running"}`},
		"Commas":  {"one after the other", "include=cpu,state", `{"cpu":2,"state":"Running"}`},
		"Within":  {"a dot goes into a field", "include=metadata.labels.app&include=metadata.name", `{"metadata":{"labels":{"app":"web"},"name":"x"}}`},
		"Whole":   {"the whole of it stays the whole", "include=metadata.name&include=metadata&include=metadata.labels", `{"metadata":{"labels":{"app":"web","tier":"gold"},"name":"x"}}`},
		"None":    {"what is not there is not there", "include=nothing", `{}`},
		"Exclude": {"all but that", "exclude=metadata.labels&exclude=cpu", `{"metadata":{"name":"x"},"state":"Running"}`},
		"Both":    {"first what is included", "include=metadata&exclude=metadata.labels", `{"metadata":{"name":"x"}}`},
		"NoField": {"a number has no fields", "include=cpu.name", `{"cpu":{}}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(tc.query)
			if err != nil {
				t.Fatal(err)
			}
			f, err := fieldsOf(values)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(f.of([]byte(row)))); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
	var field *index.FieldError
	if _, err := fieldsOf(url.Values{"include": {strings.Repeat("a,", 100)}}); !errors.As(err, &field) || field.Field != "include" {
		t.Errorf("a hundred fields were taken: %v", err)
	}
}

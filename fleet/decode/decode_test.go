package decode

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJSON reads what encoding/json reads, as encoding/json does.
func TestJSON(t *testing.T) {
	type object struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
		Count  *int              `json:"count"`
		Words  []string          `json:"words"`
	}
	cases := map[string]struct{ reason, text string }{
		"Plain":   {"all that is asked for, and what is not", `{"name":"a","labels":{"x":"y"},"count":3,"words":["b"],"more":{"deep":[1,2,{"a":null}]}}`},
		"Nulls":   {"nothing there", `{"name":null,"labels":null,"count":null,"words":null}`},
		"Twice":   {"the last one counts", `{"name":"a","name":"b"}`},
		"Escapes": {"quotes and signs within texts", `{"name":"\"a\u00e9\ud83d\ude00\\"}`},
		"NoText":  {"bytes that are no text are replaced", "{\"name\":\"a\xffb\"}"},
		"Garbage": {"no JSON", `{"name":`},
		"Behind":  {"something behind the end", `{} {}`},
		"Kind":    {"another kind of value", `{"name":7}`},
		"Large":   {"a number that is none of Go's", `{"count":1e400}`},
		"Deep":    {"more levels than anybody has", strings.Repeat(`{"more":`, 20000) + `1` + strings.Repeat(`}`, 20000)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var ours, theirs object
			err, failed := JSON([]byte(tc.text), &ours), json.Unmarshal([]byte(tc.text), &theirs)
			if (err == nil) != (failed == nil) {
				t.Fatalf("%s: %v, and encoding/json says %v", tc.reason, err, failed)
			}
			if diff := cmp.Diff(theirs, ours); err == nil && diff != "" {
				t.Errorf("%s (-encoding/json +ours)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestList(t *testing.T) {
	stop := errors.New("enough")
	cases := map[string]struct {
		reason, text string
		want         []string
		version      string
		fails        bool
	}{
		"List":       {"metadata may come after the items", `{"kind":"List","items":[{"a":1},{"b":[{}]}],"metadata":{"resourceVersion":"7","other":1}}`, []string{`{"a":1}`, `{"b":[{}]}`}, "7", false},
		"Empty":      {"no items", `{"items":[],"metadata":{"resourceVersion":"7"}}`, nil, "7", false},
		"Null":       {"no items either", `{"items":null,"metadata":{"resourceVersion":"7"}}`, nil, "7", false},
		"Cut":        {"the answer ends early", `{"items":[{"a":1},{"b"`, []string{`{"a":1}`}, "", true},
		"NoList":     {"an object instead of items", `{"items":{}}`, nil, "", true},
		"NoObject":   {"an answer of another kind", `[]`, nil, "", true},
		"BadElement": {"an object that is no JSON", `{"items":[{"a":1},{b}]}`, []string{`{"a":1}`}, "", true},
		"Visitor":    {"who visits has enough", `{"items":[{"stop":1},{"a":1}]}`, []string{`{"stop":1}`}, "", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			var meta struct {
				ResourceVersion string `json:"resourceVersion"`
			}
			err := List(strings.NewReader(tc.text), &meta, func(object []byte) error {
				got = append(got, string(object))
				if strings.Contains(string(object), "stop") {
					return stop
				}
				return nil
			})
			if (err != nil) != tc.fails || name == "Visitor" && !errors.Is(err, stop) {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || meta.ResourceVersion != tc.version {
				t.Errorf("%s: version %q (-want +got)\n%s", tc.reason, meta.ResourceVersion, diff)
			}
		})
	}
}

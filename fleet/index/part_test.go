package index_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/index"
)

// rule is a type that is kept for the hub's own use, as rights are.
var rule = &index.Type{
	Name: "rule", Plural: "rules", Hidden: true,
	Sources: []index.Source{{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "rules"}}},
}

// TestParts holds, for each way in which parts are kept, that every change of a part is told that shows, and no other, and
// how large the index says that the parts are.
func TestParts(t *testing.T) {
	change := func(part string) index.Change { return index.Change{Namespace: "n", Name: "x", Part: []byte(part)} }
	cases := map[string]struct {
		reason  string
		kind    *index.Type
		changes []index.Change
		told    []bool
		size    int
	}{
		"Whole":  {"whoever watches such a type reads the parts", rule, []index.Change{change("1"), change("1"), change("22")}, []bool{true, false, true}, 2},
		"Marked": {"a row of one part is known by a mark", place, []index.Change{change("a"), change("a"), change("bbb"), gone("n", "x"), change("a")}, []bool{true, false, true, true, true}, 1},
		"Apart": {
			"a part may change without the row", thing,
			[]index.Change{change(`{"cpu":1}`), change(`{"cpu":1}`), change(`{"cpu":1,"x":2}`), change(`{"cpu":2}`)},
			[]bool{true, false, false, true}, len(`{"cpu":2}`),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x, err := index.Open(t.Context(), t.TempDir(), []*index.Type{thing, place, rule})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			told := 0
			x.OnEvent(func(event index.Event) {
				if told++; tc.kind == rule && string(event.Parts[0]) == "" {
					t.Errorf("the part is not told")
				}
			})
			for i, c := range tc.changes {
				before, revision := told, x.Revision()
				if err := x.Apply(t.Context(), index.Batch{Site: "a", Type: tc.kind, Changes: []index.Change{c}, Version: "1"}); err != nil {
					t.Fatal(err)
				}
				if got := told > before; got != tc.told[i] || got != (x.Revision() > revision) {
					t.Errorf("%s: change %d: told is %v, the revision went from %d to %d", tc.reason, i, got, revision, x.Revision())
				}
			}
			keys, err := x.Keys(t.Context(), "a", tc.kind, 0)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[index.Key]int{{Site: "a", Namespace: "n", Name: "x"}: tc.size}, keys); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

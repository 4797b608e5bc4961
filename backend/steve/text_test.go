package steve

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/summarycache"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestTextIsAsOfEncodingJSON(t *testing.T) {
	for name, value := range map[string]any{
		"nothing":                    nil,
		"truth":                      true,
		"numbers":                    []any{int64(-7), int64(1 << 60), 1.5, 1e21, 1e-7, uint64(1 << 63), json.Number("12.50"), int32(3), 7},
		"a plain string":             "machine-00001",
		"no string":                  "",
		"lines and quotes":           "#cloud-config\n\t\"a\" \\ b\r\n",
		"bytes nobody should send":   "\x00\x01\b\f\x1f\x7f",
		"what could end a script":    "</script><!-- & -->",
		"other alphabets":            "Grüße, 世界, 🖥\u2028\u2029",
		"no text at all":             "a\xff\xfeb\xc3",
		"the rare after the common":  "a\n\"<b>\"",
		"keys that must be written":  map[string]any{"a\"b": "1", "<": "2", "ä": "3", "": "4"},
		"keys in order":              map[string]any{"b": int64(1), "a": int64(2), "B": int64(3), "a.": int64(4), "aa": int64(5)},
		"maps in lists in maps":      map[string]any{"z": []any{map[string]any{"y": []any{}, "x": map[string]any{}}, nil}, "a": map[string]any{"c": "d", "b": "a"}},
		"empty and missing maps":     []any{map[string]any{}, map[string]any(nil), map[string]string(nil), map[string]string{}},
		"empty and missing lists":    []any{[]any{}, []any(nil)},
		"words":                      map[string]string{"b": "<", "a": "line\n"},
		"relationships":              map[string]any{"relationships": []summarycache.Relationship{{ToID: "a/b", Rel: "owner", Message: "<>"}}},
		"no relationships":           map[string]any{"relationships": []summarycache.Relationship(nil)},
		"permissions":                map[string]map[string]string{"pods": {"get": "https://a/?b=c&d"}},
		"what is written already":    json.RawMessage(`{"a":"b"}`),
		"a row":                      rowOf(map[string]any{"metadata": map[string]any{"name": "a"}}),
		"a row of an empty object":   rowOf(map[string]any{}),
		"a row of no object":         rowOf(nil),
		"a row of something else":    &types.RawResource{ID: "a", Links: map[string]string{}, APIObject: types.APIObject{Object: map[string]string{"a": "b"}}},
		"a row without a name":       &types.RawResource{APIObject: types.APIObject{Object: &unstructured.Unstructured{Object: map[string]any{"a": "b"}}}},
		"a row that is none":         (*types.RawResource)(nil),
		"a list":                     listOf(rowOf(map[string]any{"a": "b"}), nil, rowOf(map[string]any{"c": "<d>"})),
		"a list of nothing":          listOf(),
		"a list longer than a piece": listOf(many(rowOf(map[string]any{"a": string(make([]byte, 2000))}), 200)...),
		"a list with a summary":      summed(listOf(rowOf(map[string]any{"a": "b"}))),
	} {
		t.Run(name, func(t *testing.T) {
			want := &pieces{}
			if err := types.JSONEncoder(want, value); err != nil {
				t.Fatal(err)
			}
			got := &pieces{}
			if err := encode(got, value); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.text(), got.text()); diff != "" {
				t.Errorf("-encoding/json +ours\n%s", diff)
			}
			if got.most > piece+16<<10 {
				t.Errorf("%d bytes were kept before they were sent", got.most)
			}
		})
	}
}

func TestTextSaysWhatItCannotWrite(t *testing.T) {
	for name, value := range map[string]any{
		"a channel":                  map[string]any{"a": make(chan int)},
		"a channel in a row":         rowOf(map[string]any{"a": []any{make(chan int)}}),
		"a channel in a row in list": listOf(rowOf(map[string]any{"a": make(chan int)})),
	} {
		t.Run(name, func(t *testing.T) {
			if err := encode(&pieces{}, value); err == nil {
				t.Error("nothing was said")
			}
			// What was left half-written must not be in the next answer.
			next := &pieces{}
			if err := encode(next, map[string]any{"a": "b"}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("{\"a\":\"b\"}\n", next.text()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzTextIsAsOfEncodingJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"x\n<",null,true,{"b":{}}]}`, `"\ud800"`, `[[],{},"é"]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		var value any
		if json.Unmarshal(seed, &value) != nil {
			value = string(seed)
		}
		want, got := &pieces{}, &pieces{}
		if err := types.JSONEncoder(want, value); err != nil {
			t.Fatal(err)
		}
		if err := encode(got, value); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.text(), got.text()); diff != "" {
			t.Error(diff)
		}
	})
}

// pieces takes an answer and remembers the longest piece of it.
type pieces struct {
	all  []byte
	most int
}

func (p *pieces) Write(piece []byte) (int, error) {
	p.all, p.most = append(p.all, piece...), max(p.most, len(piece))
	return len(piece), nil
}

func (p *pieces) text() string { return string(p.all) }

func rowOf(object map[string]any) *types.RawResource {
	return &types.RawResource{
		ID: "home/one", Type: "gadget", Links: map[string]string{"self": "https://a/b?c&d", "view": "https://a"},
		Actions:   map[string]string{"start": "https://a/b?action=start"},
		APIObject: types.APIObject{Object: &unstructured.Unstructured{Object: object}},
	}
}

func listOf(rows ...*types.RawResource) *types.GenericCollection {
	if rows == nil {
		rows = []*types.RawResource{}
	}
	return &types.GenericCollection{
		Collection: types.Collection{Type: "collection", Links: map[string]string{"self": "https://a"}, Revision: "7", Count: len(rows)},
		Data:       rows,
	}
}

func summed(list *types.GenericCollection) *types.GenericCollection {
	list.Summary = []types.SummaryEntry{{Property: "status.phase", Counts: map[string]types.SummaryWithBreakdown{"Running": {Total: 3}}}}
	return list
}

func many(row *types.RawResource, times int) []*types.RawResource {
	rows := make([]*types.RawResource, times)
	for i := range rows {
		rows[i] = row
	}
	return rows
}

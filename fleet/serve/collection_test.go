package serve

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// TestCollectionIsWrittenAsByJSON holds that a collection says the same as if package json had written it.
func TestCollectionIsWrittenAsByJSON(t *testing.T) {
	row := func(id string, object any) *types.RawResource {
		return &types.RawResource{ID: id, Type: "thing", Links: map[string]string{"self": "/v1/croft/things/" + id}, APIObject: types.APIObject{Object: object}}
	}
	cases := map[string]struct {
		reason string
		rows   []*types.RawResource
	}{
		"None":   {"no rows", []*types.RawResource{}},
		"Rows":   {"the fields stand behind what Steve says", []*types.RawResource{row("a/n/x", json.RawMessage(`{"name":"x","text":"\"data\":[]"}`)), row("b", json.RawMessage(`{"cpu":1}`))}},
		"Others": {"what is no JSON yet", []*types.RawResource{row("a", map[string]any{"cpu": 1}), row("b", json.RawMessage(`{}`))}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			plain := &types.GenericCollection{Collection: types.Collection{Type: "collection", Continue: `"data":[]`, Revision: "7"}, Data: tc.rows}
			c := collection{GenericCollection: plain, Count: 9, Pages: 3, Sites: []index.Site{{ID: "a", Message: `<"data":[]>`}}}
			var theirs bytes.Buffer
			ours, err := c.text()
			if err != nil {
				t.Fatal(err)
			}
			if err := types.JSONEncoder(&theirs, c); err != nil {
				t.Fatal(err)
			}
			var got, want any
			if err := json.Unmarshal(ours, &got); err != nil {
				t.Fatalf("%v in %s", err, ours)
			}
			if err := json.Unmarshal(theirs.Bytes(), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

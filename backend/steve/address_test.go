package steve

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/apiserver/pkg/urlbuilder"
	"github.com/rancher/wrangler/v3/pkg/schemas"
)

// often counts how many times the address of a row is put together.
type often struct {
	types.URLBuilder

	times int
}

// ResourceLink counts.
func (c *often) ResourceLink(schema *types.APISchema, id string) string {
	c.times++
	return c.URLBuilder.ResourceLink(schema, id)
}

// TestAddresses holds that the addresses of rows are those of Steve's, and each put together once.
func TestAddresses(t *testing.T) {
	disc, disk := &types.APISchema{Schema: &schemas.Schema{ID: "disc"}}, &types.APISchema{Schema: &schemas.Schema{ID: "disk"}}
	plain, err := urlbuilder.NewPrefixed(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/discs", nil), types.EmptyAPISchemas(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	inner := &often{URLBuilder: plain}
	ours := &addresses{URLBuilder: inner}
	for _, row := range []struct {
		reason string
		schema *types.APISchema
		id     string
		times  int
	}{
		{"the first row", disc, "default/a", 1},
		{"the next", disc, "default/b", 2},
		{"a row of the same name of another kind", disk, "default/b", 3},
		{"the first again", disc, "default/a", 4},
		{"a name with what must be written otherwise", disc, "default/ä b?", 5},
	} {
		for _, action := range []string{"start", "a b&c"} {
			if got, want := ours.Action(row.schema, row.id, action), plain.Action(row.schema, row.id, action); got != want {
				t.Errorf("%s: want %s, got %s", row.reason, want, got)
			}
		}
		if got, want := ours.ResourceLink(row.schema, row.id), plain.ResourceLink(row.schema, row.id); got != want {
			t.Errorf("%s: want %s, got %s", row.reason, want, got)
		}
		if inner.times != row.times {
			t.Errorf("%s: want %d, got %d", row.reason, row.times, inner.times)
		}
	}
}

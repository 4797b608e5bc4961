package index_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

func TestSummaries(t *testing.T) {
	x := open(t, t.TempDir())
	apply(t, x, "a", 0, put("n", "one", `{"state":"Stopped","labels":{"app":"shop"}}`), put("m", "two", `{"state":"Paused","labels":{"app":"shop"}}`), put("n", "three", `{"state":"Stopped"}`))
	apply(t, x, "b", 0, put("n", "one", `{"state":"Stopped","labels":{"app":"news"}}`))
	one := func(rows int) index.Total { return index.Total{Rows: rows} }
	cases := map[string]struct {
		reason string
		scope  index.Scope
		query  string
		want   []index.Summary
	}{
		"None":  {"nobody asked", everything, "", nil},
		"State": {"on all pages", everything, "summary=state&pagesize=1&page=3", []index.Summary{{Field: "state", Totals: map[string]index.Total{"Stopped": one(3), "Paused": one(1)}}}},
		"Several": {"by site and by namespace", everything, "summary=site,namespace", []index.Summary{
			{Field: "site", Totals: map[string]index.Total{"a": one(3), "b": one(1)}},
			{Field: "namespace", Totals: map[string]index.Total{"n": one(3), "m": one(1)}},
		}},
		"Alias":  {"the name that was asked for comes back", everything, "summary=metadata.state.name&filter=site=b", []index.Summary{{Field: "metadata.state.name", Totals: map[string]index.Total{"Stopped": one(1)}}}},
		"Filter": {"of the query's rows alone", everything, "summary=state&filter=name=one", []index.Summary{{Field: "state", Totals: map[string]index.Total{"Stopped": one(2)}}}},
		"Label":  {"rows without it are in none", everything, "summary=metadata.labels[app]", []index.Summary{{Field: "metadata.labels[app]", Totals: map[string]index.Total{"shop": one(2), "news": one(1)}}}},
		"Rights": {"of what may be seen alone", index.Scope{Namespaces: [][2]string{{"a", "m"}}}, "summary=state", []index.Summary{{Field: "state", Totals: map[string]index.Total{"Paused": one(1)}}}},
		"Namespaced": {"each taken apart", everything, "summary=state&summarynamespaced=true", []index.Summary{{Field: "state", Totals: map[string]index.Total{
			"Stopped": {Rows: 3, Namespaces: map[string]int{"n": 3}}, "Paused": {Rows: 1, Namespaces: map[string]int{"m": 1}},
		}}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := x.Summaries(parsed(t, tc.scope, tc.query))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
	page, err := x.List(t.Context(), parsed(t, everything, "summary=state&summaryonly"))
	if err != nil || page.Count != 4 || len(page.Entries) != 0 {
		t.Errorf("of the sums alone there are %d rows of %d: %v", len(page.Entries), page.Count, err)
	}
	hidden := parsed(t, everything, "summary=state")
	hidden.Hide(index.Guard{Fields: []string{"state"}})
	got, err := x.Summaries(hidden)
	if diff := cmp.Diff([]index.Summary{{Field: "state", Totals: map[string]index.Total{"": one(4)}}}, got); err != nil || diff != "" {
		t.Errorf("what is hidden is summed up: %v %s", err, diff)
	}
}

func TestBadSummaries(t *testing.T) {
	for query, want := range map[string]string{
		"summary=colour": "colour", "summary=addresses": "addresses", "summaryonly": "summaryonly", "summary=state&summaryonly=perhaps": "summaryonly",
		"summary=state,state,state,state,state,state,state,state,state": "summary", "summary=metadata.labels[]": "metadata.labels[]",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		var field *index.FieldError
		if _, err := index.Parse(thing, values); !errors.As(err, &field) || field.Field != want {
			t.Errorf("%s: got %v, want the field %s at fault", query, err, want)
		}
	}
}

// parsed is a query as a caller sends it.
func parsed(t testing.TB, scope index.Scope, text string) index.Query {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	query, err := index.Parse(thing, values)
	if err != nil {
		t.Fatal(err)
	}
	query.Scope = scope
	return query
}

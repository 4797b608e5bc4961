package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestPaging asks for lists of machines with every parameter that there is, and with values that nobody should send. An
// answer is the right list, or a refusal that names the parameter; never a fault of the server, and never late.
func TestPaging(t *testing.T) {
	for _, name := range []string{"page-a", "page-b", "page-c"} {
		halted(t, name, nil)
	}
	const these, all = "filter=metadata.name~page-&sort=metadata.name", "page-a page-b page-c"
	eventually(t, "the list knows all", func() bool { return names(t, page(t, these)) == all })
	long := strings.Repeat("x", 1<<20)
	cases := map[string]struct {
		reason, query string
		want          int
		names         string // what is shown, or the parameter that a refusal names
	}{
		"Page":            {"two of them", these + "&pagesize=2", http.StatusOK, "page-a page-b"},
		"NextPage":        {"and the rest", these + "&pagesize=2&page=2", http.StatusOK, "page-c"},
		"NoPage":          {"beyond the end is nothing", these + "&pagesize=2&page=9", http.StatusOK, ""},
		"HugePage":        {"as many as there are", these + "&pagesize=2147483647", http.StatusOK, all},
		"NegativeSize":    {"no page is that small", these + "&pagesize=-1", http.StatusUnprocessableEntity, "pagesize"},
		"NoNumber":        {"a size is a number", these + "&pagesize=many", http.StatusUnprocessableEntity, "pagesize"},
		"TooBig":          {"a number that no computer counts to", these + "&pagesize=99999999999999999999", http.StatusUnprocessableEntity, "pagesize"},
		"NegativePage":    {"there is no page before the first", these + "&pagesize=2&page=-1", http.StatusUnprocessableEntity, "page"},
		"PageZero":        {"which is the first", these + "&pagesize=2&page=0", http.StatusOK, "page-a page-b"},
		"PageNoNumber":    {"a page is a number", these + "&page=last", http.StatusUnprocessableEntity, "page"},
		"FarPage":         {"a product that no computer counts to", these + "&pagesize=4611686018427387904&page=4", http.StatusUnprocessableEntity, "page"},
		"Limit":           {"Kubernetes' word for a page is not this API's, which says so by showing all", these + "&limit=1", http.StatusOK, all},
		"Continue":        {"likewise", these + "&continue=nonsense", http.StatusOK, all},
		"Backwards":       {"from the end", "filter=metadata.name~page-&sort=-metadata.name", http.StatusOK, "page-c page-b page-a"},
		"SortNonsense":    {"nobody knows such a field", these + "x.y.z", http.StatusUnprocessableEntity, "metadata.namex.y.z"},
		"SortInjection":   {"a field is a field, and no SQL", "sort=" + url.QueryEscape(`metadata.name"; DROP TABLE x; --`), http.StatusUnprocessableEntity, "DROP TABLE"},
		"FilterQuotes":    {"quotes are what is looked for, and found nowhere", "filter=metadata.name=" + url.QueryEscape(`'a"b'`), http.StatusOK, ""},
		"FilterInjection": {"likewise", "filter=metadata.name=" + url.QueryEscape(`' OR 1=1 --`), http.StatusUnprocessableEntity, "filter"},
		"FilterBroken":    {"half a question", "filter=" + url.QueryEscape("metadata.name in (a,"), http.StatusUnprocessableEntity, "filter"},
		"FilterNonsense":  {"nobody knows such a field", "filter=spec.colour=red", http.StatusUnprocessableEntity, "spec.colour"},
		"FilterEmpty":     {"no question at all", these + "&filter=", http.StatusOK, all},
		"Exclude":         {"without what nobody wants to see", these + "&exclude=spec&exclude=status.nothing", http.StatusOK, all},
		"ExcludeMetadata": {"also without what it is called by", these + "&exclude=metadata", http.StatusOK, "  "},
		"ExcludeDots":     {"nothing of that name", these + "&exclude=...&exclude=", http.StatusOK, all},
		"Include":         {"only what somebody wants to see", these + "&include=metadata.name", http.StatusOK, all},
		"IncludeNothing":  {"nothing of that name", these + "&include=a.b.c", http.StatusOK, "  "},
		"Link":            {"a list has no links to follow", these + "&link=self", http.StatusOK, all},
		"Revision":        {"a revision is a number", these + "&revision=old", http.StatusBadRequest, "revision"},
		"Summary":         {"of nothing", these + "&summary=", http.StatusUnprocessableEntity, "summary"},
		"Projects":        {"of a namespace that there is not", these + "&projectsornamespaces=nowhere", http.StatusOK, ""},
		"Long":            {"longer than any name", "filter=metadata.name=" + long, http.StatusOK, ""},
		"Half":            {"an escape that is none", "filter=%zz", http.StatusUnprocessableEntity, "query"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			got := page(t, tc.query)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("%s: it took %s", tc.reason, took)
			}
			if got.status != tc.want {
				t.Fatalf("%s: %d, want %d: %.300s", tc.reason, got.status, tc.want, got.text)
			}
			if got.status == http.StatusOK && names(t, got) != tc.names {
				t.Errorf("%s: %q, want %q: %.300s", tc.reason, names(t, got), tc.names, got.text)
			}
			if got.status != http.StatusOK && !strings.Contains(got.text, tc.names) {
				t.Errorf("%s: it does not name %s: %.300s", tc.reason, tc.names, got.text)
			}
		})
	}
}

func page(t *testing.T, query string) answer {
	t.Helper()
	return ask(t, admin, http.MethodGet, strings.TrimSuffix(machines, "/")+"?"+query, "")
}

// names are those of the rows of a list.
func names(t *testing.T, list answer) string {
	t.Helper()
	var rows struct {
		Data []struct{ Metadata struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(list.text), &rows); err != nil {
		t.Fatal(err)
	}
	all := make([]string, 0, len(rows.Data))
	for _, row := range rows.Data {
		all = append(all, row.Metadata.Name)
	}
	return strings.Join(all, " ")
}

package index_test

import (
	"errors"
	"net/url"
	"testing"

	"crofthci.io/croft/fleet/index"
)

// FuzzQuery holds that no query breaks anything: it is refused with the name of a field, or answered within the rights.
func FuzzQuery(f *testing.F) {
	for _, seed := range [][5]string{
		{"name=web", "-cpu,name", "x", "state", "team"}, {`metadata.labels[a/b] in ("x","y")`, "ip(addresses)", "%", "metadata.labels[a/b],site", "p-1,c:p-1"}, {"!state,cpu>5,name notin (a)", "state", "_", "", "!"},
		{`name="a\"b"`, "", "", "addresses", ""}, {"addresses!~1,created<2026-01-01T00:00:00Z", "created", "'", "created,cpu", "n"}, {"cpu in (1,2", "name;", "\x00", "state;", "'"},
		{`!metadata.labels.app,addresses notin ("10.0.0.1",'x')`, "site,-namespace,cpu", "10.", "uid,name,namespace", "%"}, {"metadata.labels[]=,=,~", ",,-", "\\", ",", ","},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4])
	}
	x := open(f, f.TempDir())
	fill(f, x)
	f.Fuzz(func(t *testing.T, filter, sort, search, summary, places string) {
		values := url.Values{"filter": {filter}, "sort": {sort}, "search": {search}, "summary": {summary}, "projectsornamespaces": {places}, "pagesize": {"1"}}
		q, err := index.Parse(thing, values)
		if err == nil {
			q.Scope = index.Scope{Sites: []string{"b"}}
			err = walk(t, x, q, values)
		}
		var field *index.FieldError
		if err != nil && !errors.As(err, &field) {
			t.Error(err)
		}
	})
}

// walk reads a query's sums and its first two pages, and looks that they keep within the rights.
func walk(t *testing.T, x *index.Index, q index.Query, values url.Values) error {
	t.Helper()
	page, err := x.List(t.Context(), q)
	if err != nil {
		return err
	}
	sums, err := x.Summaries(q)
	if err != nil {
		return err
	}
	for _, sum := range sums {
		rows := 0
		for _, total := range sum.Totals {
			rows += total.Rows
		}
		if rows > page.Count {
			t.Errorf("%d of %d rows are summed up by %s", rows, page.Count, sum.Field)
		}
	}
	entries := page.Entries
	if page.Continue != "" {
		values.Set("continue", page.Continue)
		next, err := index.Parse(thing, values)
		if err != nil {
			t.Errorf("the own token is refused: %v", err)
		}
		next.Scope = q.Scope
		if page, err = x.List(t.Context(), next); err != nil {
			return err
		}
		entries = append(entries, page.Entries...)
	}
	for i, entry := range entries {
		if entry.Key.Site != "b" {
			t.Errorf("the query reached site %s, where the caller has no rights", entry.Key.Site)
		}
		if i > 0 && entry.Key == entries[0].Key {
			t.Errorf("the second page repeats %s", entry.Key.ID())
		}
	}
	return nil
}

package index_test

import (
	"errors"
	"net/url"
	"testing"

	"crofthci.io/croft/fleet/index"
)

// FuzzQuery holds that no query breaks anything: it is refused with the name of a field, or answered within the rights.
func FuzzQuery(f *testing.F) {
	for _, seed := range [][3]string{
		{"name=web", "-cpu,name", "x"}, {`metadata.labels[a/b] in ("x","y")`, "ip(addresses)", "%"}, {"!state,cpu>5,name notin (a)", "state", "_"},
		{`name="a\"b"`, "", ""}, {"addresses!~1,created<2026-01-01T00:00:00Z", "created", "'"}, {"cpu in (1,2", "name;", "\x00"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	x := open(f, f.TempDir())
	fill(f, x)
	f.Fuzz(func(t *testing.T, filter, sort, search string) {
		q, err := index.Parse(thing, url.Values{"filter": {filter}, "sort": {sort}, "search": {search}})
		if err == nil {
			q.Scope = index.Scope{Sites: []string{"b"}}
			var page index.Page
			page, err = x.List(t.Context(), q)
			for _, entry := range page.Entries {
				if entry.Key.Site != "b" {
					t.Errorf("the query reached site %s, where the caller has no rights", entry.Key.Site)
				}
			}
		}
		var field *index.FieldError
		if err != nil && !errors.As(err, &field) {
			t.Error(err)
		}
	})
}

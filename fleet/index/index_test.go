package index_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/index"
)

// thing is a type of row for tests, joined from a thing and its run.
var thing = &index.Type{
	Name: "thing", Plural: "things",
	Sources: []index.Source{
		{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "things"}},
		{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "runs"}},
	},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}},
		{Name: "cpu", Kind: index.Number},
		{Name: "addresses", Kind: index.Addresses, Searched: true},
	},
	Join: func(parts [][]byte) (index.Row, error) {
		var t struct {
			State  string            `json:"state"`
			CPU    int64             `json:"cpu"`
			Labels map[string]string `json:"labels"`
		}
		if err := json.Unmarshal(parts[0], &t); err != nil {
			return index.Row{}, err
		}
		var run struct {
			Addresses []string `json:"addresses"`
		}
		if parts[1] != nil {
			if err := json.Unmarshal(parts[1], &run); err != nil {
				return index.Row{}, err
			}
			t.State = "Running"
		}
		return index.Row{
			UID: "u", Created: time.Unix(1_700_000_000, 0), Labels: t.Labels,
			Values: map[string]any{"state": t.State, "cpu": t.CPU, "addresses": run.Addresses},
		}, nil
	},
}

// place is a type that says which project a namespace is in, as the real one does.
var place = &index.Type{
	Name: "namespace", Plural: "namespaces",
	Sources: []index.Source{{Resource: schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}}},
	Columns: []index.Column{{Name: "project"}},
	Join: func(parts [][]byte) (index.Row, error) {
		return index.Row{Values: map[string]any{"project": string(parts[0])}}, nil
	},
}

func open(t testing.TB, folder string) *index.Index {
	t.Helper()
	x, err := index.Open(t.Context(), folder, []*index.Type{thing, place})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func apply(t testing.TB, x *index.Index, site string, source int, changes ...index.Change) {
	t.Helper()
	if err := x.Apply(t.Context(), index.Batch{Site: site, Type: thing, Source: source, Changes: changes, Version: "1"}); err != nil {
		t.Fatal(err)
	}
}

func put(namespace, name, part string) index.Change {
	return index.Change{Namespace: namespace, Name: name, Part: []byte(part)}
}

func gone(namespace, name string) index.Change {
	return index.Change{Namespace: namespace, Name: name}
}

// ids lists a query's rows.
func ids(t testing.TB, x *index.Index, scope index.Scope, query string) []string {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := index.Parse(thing, values)
	if err != nil {
		t.Fatal(err)
	}
	q.Scope = scope
	page, err := x.List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, entry := range page.Entries {
		got = append(got, entry.Key.ID())
	}
	return got
}

var everything = index.Scope{Sites: []string{"a", "b"}}

func TestJoin(t *testing.T) {
	type step struct {
		source int
		change index.Change
	}
	cases := map[string]struct {
		reason string
		steps  []step
		want   []string
	}{
		"MachineAlone": {
			"a machine that is off has a row",
			[]step{{0, put("n", "x", `{"state":"Stopped"}`)}},
			[]string{"Stopped"},
		},
		"RunFirst": {
			"two watches race: the run may be told before the machine, and must not be lost",
			[]step{{1, put("n", "x", `{}`)}, {0, put("n", "x", `{"state":"Stopped"}`)}},
			[]string{"Running"},
		},
		"RunAlone": {
			"a run without a machine is no row",
			[]step{{1, put("n", "x", `{}`)}},
			nil,
		},
		"RunEnds": {
			"the machine's own word counts again",
			[]step{{0, put("n", "x", `{"state":"Stopped"}`)}, {1, put("n", "x", `{}`)}, {1, gone("n", "x")}},
			[]string{"Stopped"},
		},
		"MachineGoesBeforeRun": {
			"the row goes with the machine, and the run that is still there comes back with the next one of that name",
			[]step{
				{0, put("n", "x", `{}`)},
				{1, put("n", "x", `{}`)},
				{0, gone("n", "x")},
				{0, put("n", "x", `{"state":"Stopped"}`)},
			},
			[]string{"Running"},
		},
		"AllGo": {
			"nothing is left",
			[]step{{0, put("n", "x", `{}`)}, {1, put("n", "x", `{}`)}, {0, gone("n", "x")}, {1, gone("n", "x")}, {1, gone("n", "x")}},
			nil,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x := open(t, t.TempDir())
			for _, s := range tc.steps {
				apply(t, x, "a", s.source, s.change)
			}
			tallies, err := x.Count(t.Context(), index.Query{Type: thing, Scope: everything}, []string{"state"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, tally := range tallies {
				got = append(got, tally.Values[0])
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func fill(t testing.TB, x *index.Index) {
	t.Helper()
	apply(t, x, "a", 0,
		put("n1", "web", `{"state":"Stopped","cpu":2,"labels":{"app":"shop"}}`),
		put("n1", "db_1", `{"state":"Running","cpu":10}`),
		put("n2", "dbx1", `{"state":"Paused","cpu":9,"labels":{"example.com/tier":"gold"}}`))
	apply(t, x, "b", 0, put("n1", "web", `{"state":"running","cpu":4,"labels":{"app":"news"}}`))
	apply(t, x, "a", 1, put("n1", "web", `{"addresses":["10.0.0.10","fd00::1"]}`))
	apply(t, x, "b", 1, put("n1", "web", `{"addresses":["10.0.0.9"]}`))
	batch := index.Batch{Site: "a", Type: place, Changes: []index.Change{put("", "n1", "p-one"), put("", "n2", "p-two")}}
	if err := x.Apply(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if err := x.SetSite(t.Context(), index.Site{ID: "a", Name: "zurich"}); err != nil {
		t.Fatal(err)
	}
	if err := x.SetSite(t.Context(), index.Site{ID: "b", Name: "athens"}); err != nil {
		t.Fatal(err)
	}
	if err := x.SetSite(t.Context(), index.Site{ID: "a", Name: "Zurich"}); err != nil {
		t.Fatal(err)
	}
	if err := x.SetSite(t.Context(), index.Site{ID: "b", Name: "Athens"}); err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	x := open(t, t.TempDir())
	fill(t, x)
	web, web2, db, dbx := "a/n1/web", "b/n1/web", "a/n1/db_1", "a/n2/dbx1"
	cases := map[string]struct {
		reason string
		query  string
		scope  index.Scope
		want   []string
	}{
		"ByName":         {"the order when none is asked for; equals by age", "", everything, []string{db, dbx, web, web2}},
		"ByNameDown":     {"the same backwards", "sort=-name", everything, []string{web2, web, dbx, db}},
		"BySite":         {"people sort by the name they gave", "sort=site,name", everything, []string{web2, db, dbx, web}},
		"ByCPU":          {"numbers are numbers: 9 before 10", "sort=cpu", everything, []string{web, web2, dbx, db}},
		"ByAddress":      {"10.0.0.9 before 10.0.0.10, none first", "sort=addresses", everything, []string{db, dbx, web2, web}},
		"ByAddressSteve": {"Steve's clients write ip(…)", "sort=ip(addresses)", everything, []string{db, dbx, web2, web}},
		"Mixed":          {"directions may differ", "sort=-state,cpu", everything, []string{web, web2, db, dbx}},
		"Page":           {"the second of two", "page=2&pagesize=3", everything, []string{web2}},
		"BeyondTheEnd":   {"no such page is empty", "page=9&pagesize=3", everything, []string{}},
		"Equal":          {"without regard to case, as the state's word is shown in both", "filter=metadata.state.name=running", everything, []string{db, web, web2}},
		"Differs":        {"", "filter=state!=running", everything, []string{dbx}},
		"Contains":       {"a substring", "filter=name~EB", everything, []string{web, web2}},
		"ContainsNot":    {"", "filter=name!~eb", everything, []string{db, dbx}},
		"Underscore":     {"LIKE's characters mean themselves", "filter=name~db_", everything, []string{db}},
		"Percent":        {"LIKE's characters mean themselves", "filter=name~%25", everything, []string{}},
		"Or":             {"a comma is or", "filter=cpu=9,cpu=10", everything, []string{db, dbx}},
		"And":            {"a second filter is and", "filter=name~db&filter=cpu>9", everything, []string{db}},
		"In":             {"a list", "filter=cpu in (9, 4)", everything, []string{dbx, web2}},
		"NotIn":          {"a list", "filter=name notin (web,db_1)", everything, []string{dbx}},
		"Quoted":         {"a value may hold a comma", `filter=name="web,x",name='dbx1'`, everything, []string{dbx}},
		"Label":          {"a label in brackets", "filter=metadata.labels[example.com/tier]=gold", everything, []string{dbx}},
		"LabelDotted":    {"a label after a dot", "filter=metadata.labels.app=news", everything, []string{web2}},
		"LabelExists":    {"", "filter=metadata.labels[app]", everything, []string{web, web2}},
		"LabelAbsent":    {"", "filter=!metadata.labels[app]", everything, []string{db, dbx}},
		"LabelDiffers":   {"having none is different too", "filter=metadata.labels.app!=news", everything, []string{db, dbx, web}},
		"Address":        {"one of several, as a whole", "filter=addresses=fd00::1", everything, []string{web}},
		"AddressPart":    {"", "filter=addresses~10.0.0.", everything, []string{web, web2}},
		"AddressPrefix":  {"10.0.0.1 is not 10.0.0.10", "filter=addresses=10.0.0.1", everything, []string{}},
		"AddressIn":      {"", "filter=addresses in (10.0.0.9,1.1.1.1)", everything, []string{web2}},
		"Created":        {"times are compared", "filter=created>2023-01-01T00:00:00Z", everything, []string{db, dbx, web, web2}},
		"Site":           {"by id", "site=b", everything, []string{web2}},
		"SiteByName":     {"by name, without regard to case", "site=athens", everything, []string{web2}},
		"SiteFilter":     {"", "filter=site=zurich", everything, []string{db, dbx, web}},
		"SiteName":       {"", "filter=siteName~ATH", everything, []string{web2}},
		"SiteNotIn":      {"who is left out by name is left out", "filter=site notin (zurich,c)", everything, []string{web2}},
		"SiteNotInID":    {"as by id", "filter=site notin (a)", everything, []string{web2}},
		"SiteNameNot":    {"", "filter=site!~ZUR", everything, []string{web2}},
		"Search":         {"free text in names and addresses", "search=0.0.9", everything, []string{web2}},
		"Project":        {"what is in a project", "projectsornamespaces=p-two", everything, []string{dbx}},
		"ProjectOfSite":  {"Rancher writes the cluster before it", "projectsornamespaces=a:p-one", everything, []string{db, web}},
		"OrNamespace":    {"or in a namespace", "projectsornamespaces=p-two,n1", everything, []string{db, dbx, web, web2}},
		"NotProject":     {"Steve's negation", "projectsornamespaces!=p-one", everything, []string{dbx, web2}},
		"NoRights":       {"the zero scope shows nothing", "", index.Scope{}, []string{}},
		"Namespace":      {"rights in a namespace of one site say nothing of the other", "", index.Scope{Namespaces: [][2]string{{"a", "n1"}}}, []string{db, web}},
		"Names":          {"rights to one object", "", index.Scope{Names: [][3]string{{"b", "n1", "web"}, {"b", "n1", "other"}}}, []string{web2}},
		"Anywhere":       {"rights to a name in any namespace of a site", "", index.Scope{Anywhere: [][2]string{{"a", "web"}}}, []string{web}},
		"Together":       {"rights add up", "", index.Scope{Sites: []string{"b"}, Names: [][3]string{{"a", "n2", "dbx1"}}}, []string{dbx, web2}},
		"OutOfRights":    {"a filter never widens rights", "filter=site=a,site=b", index.Scope{Sites: []string{"b"}}, []string{web2}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ids(t, x, tc.scope, tc.query)); diff != "" {
				t.Errorf("%s: %s: (-want +got)\n%s", tc.query, tc.reason, diff)
			}
		})
	}
}

// TestHide holds that nothing of a guarded column can be learned from the order of rows or from which ones there are.
func TestHide(t *testing.T) {
	x := open(t, t.TempDir())
	fill(t, x)
	web, web2, db, dbx := "a/n1/web", "b/n1/web", "a/n1/db_1", "a/n2/dbx1"
	cases := map[string]struct {
		reason, query string
		want          []string
	}{
		"Sort":         {"the order is by name", "sort=-cpu", []string{web2, web, dbx, db}},
		"SortAddress":  {"the order is by name", "sort=addresses", []string{db, dbx, web, web2}},
		"Filter":       {"a filter finds nothing", "filter=cpu>1", []string{}},
		"FilterNot":    {"nor does one turned round leave anything out", "filter=cpu!=10", []string{db, dbx, web, web2}},
		"Address":      {"", "filter=addresses=10.0.0.9", []string{}},
		"AddressPart":  {"", "filter=addresses~10", []string{}},
		"AddressNone":  {"all look as if they had none", "filter=!addresses", []string{db, dbx, web, web2}},
		"Search":       {"a search does not look there", "search=10.0.0.9", []string{}},
		"SearchName":   {"but still looks elsewhere", "search=web", []string{web, web2}},
		"OtherColumns": {"what is not guarded is as it was", "filter=state=Paused", []string{dbx}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(tc.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			values.Set("pagesize", "3")
			for range 2 {
				q, err := index.Parse(thing, values)
				if err != nil {
					t.Fatal(err)
				}
				q.Scope = everything
				q.Hide(index.Guard{Fields: []string{"cpu", "addresses"}})
				page, err := x.List(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, entry := range page.Entries {
					got = append(got, entry.Key.ID())
				}
				if values.Set("continue", page.Continue); page.Continue == "" {
					break
				}
			}
			if diff := cmp.Diff(tc.want, append([]string{}, got...)); diff != "" {
				t.Errorf("%s: %s: (-want +got)\n%s", tc.query, tc.reason, diff)
			}
		})
	}
}

// TestManyNamespaces holds that a scope of thousands of namespaces shows what it shows.
func TestManyNamespaces(t *testing.T) {
	x := open(t, t.TempDir())
	fill(t, x)
	var scope index.Scope
	for i := range 5000 {
		scope.Namespaces = append(scope.Namespaces, [2]string{"a", fmt.Sprint("team-", i)})
	}
	scope.Namespaces = append(scope.Namespaces, [2]string{"b", "n1"})
	if diff := cmp.Diff([]string{"b/n1/web"}, ids(t, x, scope, "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestScopeCovers(t *testing.T) {
	site, namespace := index.Scope{Sites: []string{"a"}}, index.Scope{Namespaces: [][2]string{{"a", "n"}}}
	name, anywhere := index.Scope{Names: [][3]string{{"a", "n", "x"}}}, index.Scope{Anywhere: [][2]string{{"a", "x"}}}
	cases := map[string]struct {
		reason     string
		one, other index.Scope
		want       bool
	}{
		"Nothing":         {"nothing is covered by nothing", index.Scope{}, index.Scope{}, true},
		"Same":            {"", namespace, namespace, true},
		"Site":            {"a site holds its namespaces", site, namespace, true},
		"SiteName":        {"and its objects", site, name, true},
		"SiteAnywhere":    {"wherever they are", site, anywhere, true},
		"Namespace":       {"a namespace is no site", namespace, site, false},
		"NamespaceName":   {"it holds its objects", namespace, name, true},
		"NamespaceOthers": {"but not those elsewhere", namespace, anywhere, false},
		"Name":            {"one object is no namespace", name, namespace, false},
		"AnywhereName":    {"a name anywhere is one here too", anywhere, name, true},
		"OtherSite":       {"one site is not another", site, index.Scope{Sites: []string{"a", "b"}}, false},
	}
	for label, tc := range cases {
		t.Run(label, func(t *testing.T) {
			if got := tc.one.Covers(tc.other); got != tc.want {
				t.Errorf("%s: got %v", tc.reason, got)
			}
		})
	}
}

func TestBadQueries(t *testing.T) {
	cases := map[string]struct {
		reason string
		values url.Values
		field  string
	}{
		"UnknownSort":    {"a column that is not there", url.Values{"sort": {"colour"}}, "colour"},
		"UnknownFilter":  {"a column that is not there", url.Values{"filter": {"colour=red"}}, "colour"},
		"SortInjection":  {"SQL is no column", url.Values{"sort": {"name;DROP TABLE row_thing"}}, "name;DROP TABLE row_thing"},
		"SortQuote":      {"SQL is no column", url.Values{"sort": {`name"`}}, `name"`},
		"FilterSQL":      {"SQL is no column", url.Values{"filter": {"1=1 OR name=x"}}, "1"},
		"Document":       {"columns of the table that are not the type's are not the caller's", url.Values{"sort": {"document"}}, "document"},
		"Part":           {"nor are the parts", url.Values{"filter": {"part_0=x"}}, "part_0"},
		"NoField":        {"a value without a field", url.Values{"filter": {"=x"}}, "filter"},
		"NoNumber":       {"a number column wants numbers", url.Values{"filter": {"cpu=many"}}, "cpu"},
		"NaN":            {"NaN is no number here", url.Values{"filter": {"cpu=NaN"}}, "cpu"},
		"NumberContains": {"a number has no substring", url.Values{"filter": {"cpu~1"}}, "cpu"},
		"NoTime":         {"a time column wants times", url.Values{"filter": {"created>yesterday"}}, "created"},
		"OpenList":       {"a list must end", url.Values{"filter": {"cpu in (1,2"}}, "cpu"},
		"OpenQuote":      {"a quote must end", url.Values{"filter": {`name="web`}}, "name"},
		"LabelQuote":     {"a label's key cannot leave its path", url.Values{"filter": {`metadata.labels[a"."b]=x`}}, `metadata.labels[a"."b]`},
		"Page":           {"pages count from 1", url.Values{"page": {"0"}}, "page"},
		"Size":           {"", url.Values{"pagesize": {"-1"}}, "pagesize"},
		"Token":          {"a token is not made by hand", url.Values{"continue": {"xyz"}}, "continue"},
		"NUL":            {"text ends at NUL for SQLite", url.Values{"search": {"a\x00"}}, "search"},
		"LongFilter":     {"sizes are bounded", url.Values{"filter": {"name=" + string(make([]byte, 5000))}}, "filter"},
	}
	x := open(t, t.TempDir())
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			q, err := index.Parse(thing, tc.values)
			if err == nil {
				_, err = x.List(t.Context(), q)
			}
			field, ok := err.(*index.FieldError) //nolint:errorlint // it must not be wrapped: the answer is made of it
			if !ok {
				t.Fatalf("%s: got %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.field, field.Field); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestInjectionInValues(t *testing.T) {
	x := open(t, t.TempDir())
	fill(t, x)
	for _, evil := range []string{`' OR 1=1 --`, `"); DROP TABLE row_thing; --`, `x' UNION SELECT document FROM row_thing --`, `\`, `%' OR '1'='1`} {
		for _, values := range []url.Values{
			{"filter": {"name=" + quote(evil)}}, {"filter": {"name~" + quote(evil)}}, {"filter": {"metadata.labels.app=" + quote(evil)}},
			{"filter": {"name in (" + quote(evil) + ")"}}, {"filter": {"addresses=" + quote(evil)}}, {"search": {evil}}, {"site": {evil}}, {"projectsornamespaces": {evil}},
		} {
			q, err := index.Parse(thing, values)
			if err != nil {
				t.Errorf("%v: %v", values, err)
				continue
			}
			q.Scope = everything
			page, err := x.List(t.Context(), q)
			if err != nil || page.Count != 0 {
				t.Errorf("%v: got %d rows, error %v", values, page.Count, err)
			}
		}
	}
	if got := len(ids(t, x, everything, "")); got != 4 {
		t.Errorf("got %d rows in the end, want 4", got)
	}
}

func quote(text string) string {
	var quoted []byte
	for _, char := range []byte(text) {
		if char == '"' || char == '\\' {
			quoted = append(quoted, '\\')
		}
		quoted = append(quoted, char)
	}
	return `"` + string(quoted) + `"`
}

// TestContinue reads pages by token while rows come and go: a row that is there throughout is read once.
func TestContinue(t *testing.T) {
	for _, sort := range []string{"name", "-cpu", "state,-name", "addresses", "site", "-created"} {
		t.Run(sort, func(t *testing.T) {
			x := open(t, t.TempDir())
			for i := range 50 {
				apply(t, x, "a", 0, put("n", fmt.Sprintf("stays-%02d", i), fmt.Sprintf(`{"state":"s%d","cpu":%d}`, i%3, i%7)))
				if i < 30 {
					apply(t, x, "a", 1, put("n", fmt.Sprintf("stays-%02d", i), fmt.Sprintf(`{"addresses":["10.0.0.%d"]}`, i%11)))
				}
			}
			seen := map[string]int{}
			values := url.Values{"sort": {sort}, "pagesize": {"7"}}
			for round := 0; ; round++ {
				q, err := index.Parse(thing, values)
				if err != nil {
					t.Fatal(err)
				}
				q.Scope = everything
				page, err := x.List(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, entry := range page.Entries {
					seen[entry.Key.Name]++
				}
				apply(t, x, "a", 0, put("n", fmt.Sprintf("comes-%d", round), `{"state":"s1"}`), gone("n", fmt.Sprintf("comes-%d", round-2)))
				if page.Continue == "" {
					break
				}
				values.Set("continue", page.Continue)
			}
			for i := range 50 {
				if name := fmt.Sprintf("stays-%02d", i); seen[name] != 1 {
					t.Errorf("%s was read %d times", name, seen[name])
				}
			}
		})
	}
}

func TestRestart(t *testing.T) {
	folder := t.TempDir()
	first := open(t, folder)
	fill(t, first)
	revision := first.Revision()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, folder)
	if got := len(ids(t, second, everything, "")); got != 4 {
		t.Errorf("got %d rows after a restart, want 4", got)
	}
	cursor, err := second.Cursor(t.Context(), "a", thing.Sources[1])
	if err != nil || cursor.Version != "1" {
		t.Errorf("got the cursor %q, error %v, want the version that was written with the last batch", cursor.Version, err)
	}
	if second.Revision() != revision {
		t.Errorf("the revision was %d and is %d: a client's cursor must stay good", revision, second.Revision())
	}
	site, ok := second.Site("a")
	if !ok || !site.Stale() || site.Name != "Zurich" {
		t.Errorf("got site %+v: it must be known, and stale until it is heard", site)
	}
}

func TestBrokenFile(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "index.db"), []byte("this is no database, and long enough to be looked at as one"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := open(t, folder)
	fill(t, x)
	aside, err := filepath.Glob(filepath.Join(folder, "index.db.broken-*"))
	if err != nil || len(aside) == 0 {
		t.Errorf("the broken file was not put aside: %v", err)
	}
	if got := len(ids(t, x, everything, "")); got != 4 {
		t.Errorf("got %d rows, want 4", got)
	}
}

func TestFileBreaksWhileOpen(t *testing.T) {
	folder := t.TempDir()
	x := open(t, folder)
	fill(t, x)
	before := x.Revision()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, folder)
	file, err := os.OpenFile(filepath.Join(folder, "index.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(4096); at < info.Size(); at += 4096 {
		if _, err := file.WriteAt([]byte("garbage all over the page's head"), at); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		err := x.Apply(t.Context(), index.Batch{Site: "a", Type: thing, Changes: []index.Change{put("n", "new", `{}`)}})
		if err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody noticed that the file is broken")
		}
	}
	cursor, err := x.Cursor(t.Context(), "a", thing.Sources[0])
	if err != nil || cursor.Version != "" || cursor.Epoch == 0 {
		t.Fatalf("got the cursor %+v, error %v, want one that begins again", cursor, err)
	}
	if err := x.Apply(t.Context(), index.Batch{Site: "a", Type: thing, Changes: []index.Change{put("n", "new", `{}`)}, Epoch: cursor.Epoch}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/n/new"}, ids(t, x, everything, "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if x.Revision() <= before {
		t.Errorf("the revision went back from %d to %d", before, x.Revision())
	}
	if _, ok := x.Site("b"); !ok {
		t.Error("the sites were forgotten with the file")
	}
	select {
	case <-x.Rebuilt(cursor.Epoch - 1):
	default:
		t.Error("nobody is told that the file was set aside")
	}
	// What was seen of a site before is not true of the new file, also when it is written down only now.
	for epoch, want := range map[int]bool{cursor.Epoch - 1: false, cursor.Epoch: true} {
		if err := x.SetSite(t.Context(), index.Site{ID: "b", Connected: true, Synced: true, Complete: true, Epoch: epoch}); err != nil {
			t.Fatal(err)
		}
		if site, _ := x.Site("b"); site.Synced != want || site.Complete != want || (site.Message == "") != want {
			t.Errorf("a site seen in epoch %d of %d is %+v", epoch, cursor.Epoch, site)
		}
	}
}

func TestRemoveSite(t *testing.T) {
	x := open(t, t.TempDir())
	fill(t, x)
	revision := x.Revision()
	subscription := x.Subscribe(100)
	if err := x.RemoveSite(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b/n1/web"}, ids(t, x, everything, "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	subscription.Stop()
	removed := 0
	for {
		event, more := subscription.Next(t.Context())
		if !more {
			break
		}
		if event.Removed && event.Row != 0 && event.Type == thing.Name {
			removed++
		}
	}
	if removed != 3 {
		t.Errorf("subscribers were told of %d removed rows, want 3", removed)
	}
	if _, err := since(t, x, revision); err == nil {
		t.Error("a cursor from before the site left must be refused: its rows are not among the removals")
	}
}

// since are the changes after a revision, and whether each was a removal.
func since(t testing.TB, x *index.Index, revision int64) ([]string, error) {
	t.Helper()
	q, err := index.Parse(thing, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Scope = everything
	sight, err := x.Sight(q)
	if err != nil {
		t.Fatal(err)
	}
	all, reached, err := x.Since(t.Context(), sight, revision, 100)
	if err == nil && reached != x.Revision() {
		t.Errorf("the changes reach to %d, want %d", reached, x.Revision())
	}
	var got []string
	for _, s := range all {
		got = append(got, fmt.Sprintf("%s %v", s.Key.ID(), s.Gone))
	}
	return got, err
}

func TestSince(t *testing.T) {
	x := open(t, t.TempDir())
	fill(t, x)
	revision := x.Revision()
	apply(t, x, "a", 0, put("n1", "web", `{"state":"Stopped","cpu":2,"labels":{"app":"shop"}}`)) // nothing new
	if x.Revision() != revision {
		t.Error("what changes nothing is no change")
	}
	apply(t, x, "a", 0, put("n1", "new", `{"state":"a"}`), put("n1", "new", `{"state":"b"}`), gone("n1", "db_1"))
	got, err := since(t, x, revision)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/n1/new false", "a/n1/db_1 true"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestSinceKnowsEveryRemoval holds that whoever comes back is told of every removal, or to begin again.
func TestSinceKnowsEveryRemoval(t *testing.T) {
	change := func(x *index.Index, times int) {
		for i := range times {
			apply(t, x, "a", 0, put("n", "busy", fmt.Sprintf(`{"cpu":%d}`, x.Revision()+int64(i))))
		}
	}
	remove := func(x *index.Index, name string) {
		apply(t, x, "a", 0, put("n", name, `{}`), gone("n", name))
	}
	cases := map[string]struct {
		reason string
		do     func(x *index.Index)
		want   []string
	}{
		"Known": {"a removal that is not long ago", func(x *index.Index) { remove(x, "x"); change(x, 3) }, []string{"a/n/x true", "a/n/busy false"}},
		"Forgotten": {"few removals may lie far back when much else has changed", func(x *index.Index) {
			remove(x, "x")
			change(x, 20)
			remove(x, "y")
		}, nil},
		"ForgottenTwice": {"also when the next ones are forgotten", func(x *index.Index) {
			remove(x, "x")
			change(x, 20)
			remove(x, "y")
			change(x, 20)
			remove(x, "z")
		}, nil},
		"SiteLeft": {"the mark of a site that left is not forgotten with the removals", func(x *index.Index) {
			if err := x.RemoveSite(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			change(x, 20)
			remove(x, "y")
		}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x := open(t, t.TempDir())
			x.Remember(10)
			fill(t, x)
			revision := x.Revision()
			tc.do(x)
			got, err := since(t, x, revision)
			if tc.want == nil {
				if !errors.Is(err, index.ErrTooOld) {
					t.Errorf("%s: got %v, error %v, want ErrTooOld", tc.reason, got, err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got)\n%s", tc.reason, err, diff)
			}
			if _, err := since(t, x, x.Revision()-1); err != nil {
				t.Errorf("%s: a cursor of just now was refused: %v", tc.reason, err)
			}
		})
	}
}

func TestSlowSubscriberIsDropped(t *testing.T) {
	x := open(t, t.TempDir())
	slow := x.Subscribe(1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	apply(t, x, "a", 0, put("n", "1", `{}`), put("n", "2", `{}`))
	if event, ok := slow.Next(ctx); !ok || event.Key.Name != "1" {
		t.Errorf("got %+v, want the change that there was room for", event)
	}
	if event, ok := slow.Next(ctx); ok || ctx.Err() != nil {
		t.Errorf("got %+v, error %v: a slow subscriber was not told that he missed something", event, ctx.Err())
	}
	if x.Dropped() != 1 {
		t.Errorf("%d subscribers were counted as dropped", x.Dropped())
	}
}

// TestRoomCostsNothing holds that a subscriber takes memory for what waits, not for what might.
func TestRoomCostsNothing(t *testing.T) {
	x := open(t, t.TempDir())
	subscription := x.Subscribe(1 << 60)
	defer subscription.Stop()
	for i := range 3 {
		apply(t, x, "a", 0, put("n", fmt.Sprint(i), `{}`))
	}
	for i := range 3 {
		if event, ok := subscription.Next(t.Context()); !ok || event.Key.Name != fmt.Sprint(i) {
			t.Errorf("got %+v, want the change of %d", event.Key, i)
		}
	}
}

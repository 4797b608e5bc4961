package index_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

// asked is a query on things with everything in its scope.
func asked(t testing.TB, text string) index.Query {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	q, err := index.Parse(thing, values)
	if err != nil {
		t.Fatal(err)
	}
	q.Scope = everything
	return q
}

func TestLook(t *testing.T) {
	x := open(t, t.TempDir())
	told := x.Subscribe(100)
	apply(t, x, "a", 0, put("n", "on", `{"state":"Running","labels":{"app":"shop"}}`), put("n", "off", `{"state":"Stopped"}`), put("m", "on", `{"state":"Running"}`))
	apply(t, x, "c", 0, put("n", "on", `{"state":"Running"}`))
	const none = 1 << 40
	events, _, _ := told.Take()
	numbers := []int64{none}
	for _, event := range events {
		numbers = append(numbers, event.Row)
	}
	cases := map[string]struct {
		reason, query string
		want          []string
	}{
		"All":      {"a row that is there is inside, if the scope has it", "", []string{"a/m/on true", "a/n/off true", "a/n/on true", "c/n/on false"}},
		"Filtered": {"or outside of the filter", "filter=state=Running", []string{"a/m/on true", "a/n/off false", "a/n/on true", "c/n/on false"}},
		"Label":    {"what has no such label is outside, not unknown", "filter=metadata.labels[app]~ho", []string{"a/m/on false", "a/n/off false", "a/n/on true", "c/n/on false"}},
		"Paged":    {"whatever the page", "page=7&pagesize=1&search=of", []string{"a/m/on false", "a/n/off true", "a/n/on false", "c/n/on false"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			sight, err := x.Sight(asked(t, tc.query))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range sight.Look(numbers) {
				got = append(got, fmt.Sprint(s.Key.ID(), " ", s.Inside))
				if (len(s.Document) > 0) != s.Inside || s.Revision == 0 || s.Row == 0 {
					t.Errorf("%s: %+v", tc.reason, s)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
	sight, err := x.Sight(asked(t, "filter=state=Running"))
	if err != nil {
		t.Fatal(err)
	}
	members := 0
	sight.Members(func(int64) { members++ })
	if members != 2 {
		t.Errorf("got %d members, want the 2 that run in the scope", members)
	}
	if reach := []bool{sight.Has(index.Key{Site: "a", Namespace: "n", Name: "none"}), sight.Has(index.Key{Site: "c", Namespace: "n", Name: "on"})}; !reach[0] || reach[1] {
		t.Errorf("the scope has %v, want what is in it, there or not", reach)
	}
}

// TestOneOfEach holds that of a row what waits is told once, as it was last.
func TestOneOfEach(t *testing.T) {
	x := open(t, t.TempDir())
	apply(t, x, "a", 0, put("n", "old", `{}`), put("n", "kept", `{}`))
	all, things := x.Subscribe(3), x.Subscribe(3, thing.Name)
	begun := x.Revision()
	for i := range 10 {
		apply(t, x, "a", 0, put("n", "new", fmt.Sprintf(`{"cpu":%d}`, i)), put("n", "kept", fmt.Sprintf(`{"cpu":%d}`, i)))
	}
	apply(t, x, "a", 0, gone("n", "old"), put("n", "old", `{"cpu":1}`), gone("n", "kept"))
	if err := x.Apply(t.Context(), index.Batch{Site: "a", Type: place, Changes: []index.Change{put("", "n", "p")}}); err != nil {
		t.Fatal(err)
	}
	events, reached, more := things.Take()
	var got []string
	for _, event := range events {
		got = append(got, fmt.Sprintf("%s created=%v removed=%v again=%v", event.Key.Name, event.Created, event.Removed, event.Again))
		if event.Row == 0 {
			t.Errorf("%s has no number", event.Key.Name)
		}
	}
	want := []string{"new created=true removed=false again=true", "kept created=false removed=true again=true", "old created=false removed=false again=true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !more || reached != x.Revision() || reached == begun {
		t.Errorf("got up to %d, want %d, with the changes of other types, which are not told", reached, x.Revision())
	}
	if _, _, more := all.Take(); more {
		t.Error("a subscriber who had no room for the fourth row was not told that he missed something")
	}
}

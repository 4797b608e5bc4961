package index_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

// TestLabelsFollow holds that a filter on a label finds what has it now.
func TestLabelsFollow(t *testing.T) {
	x := open(t, t.TempDir())
	apply(t, x, "a", 0, put("n", "one", `{"labels":{"app":"shop","tier":"gold"}}`), put("n", "two", `{"labels":{"app":"shop"}}`))
	apply(t, x, "b", 0, put("n", "one", `{"labels":{"app":"shop"}}`))
	one, two, other := "a/n/one", "a/n/two", "b/n/one"
	check := func(reason, query string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), ids(t, x, everything, query+"&sort=name,site")); diff != "" {
			t.Errorf("%s: %s: (-want +got)\n%s", reason, query, diff)
		}
	}
	check("all have it", "filter=metadata.labels.app=shop", one, other, two)
	check("a label's word is exact", "filter=metadata.labels.app=Shop")
	check("a label and something else", "filter=metadata.labels.app=shop&filter=name=two", two)
	check("one label or another", "filter=metadata.labels.tier=gold,metadata.labels.app=news", one)
	check("one label and another", "filter=metadata.labels.app=shop&filter=metadata.labels.tier=gold", one)
	check("a label or something else", "filter=metadata.labels.tier=gold,name=two", one, two)

	apply(t, x, "a", 0, put("n", "one", `{"labels":{"app":"news"}}`))
	check("it has another word now", "filter=metadata.labels.app=news", one)
	check("and not the old one", "filter=metadata.labels.app=shop", other, two)
	check("and another label no more", "filter=metadata.labels.tier")
	check("a run changes no label", "filter=metadata.labels.app!=shop", one)
	apply(t, x, "a", 1, put("n", "one", `{"addresses":["10.0.0.1"]}`))
	check("a run changes no label", "filter=metadata.labels.app=news", one)

	apply(t, x, "a", 0, gone("n", "two"))
	check("it is gone", "filter=metadata.labels.app=shop", other)
	if err := x.RemoveSite(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	check("its site is gone", "filter=metadata.labels.app=shop")
}

// TestLabelsOfMany holds that it makes no difference whether a label picks few rows or more than are gone to one by one.
func TestLabelsOfMany(t *testing.T) {
	x := open(t, t.TempDir())
	var changes []index.Change
	for i := range 2100 {
		label := "common"
		if i%1000 == 7 {
			label = "rare"
		}
		changes = append(changes, put("n", fmt.Sprintf("m%04d", i), fmt.Sprintf(`{"labels":{"kind":%q}}`, label)))
	}
	apply(t, x, "a", 0, changes...)
	cases := map[string]struct {
		reason, query string
		want          []string
	}{
		"Few":       {"three rows", "filter=metadata.labels.kind=rare", []string{"a/n/m0007", "a/n/m1007", "a/n/m2007"}},
		"Many":      {"the first of more than two thousand", "filter=metadata.labels.kind=common&pagesize=2", []string{"a/n/m0000", "a/n/m0001"}},
		"ManyBack":  {"and the last", "filter=metadata.labels.kind=common&pagesize=2&sort=-name", []string{"a/n/m2099", "a/n/m2098"}},
		"Within":    {"few among many", "filter=metadata.labels.kind=common&filter=name~100", []string{"a/n/m0100", "a/n/m1000", "a/n/m1001", "a/n/m1002", "a/n/m1003", "a/n/m1004", "a/n/m1005", "a/n/m1006", "a/n/m1008", "a/n/m1009", "a/n/m1100"}},
		"Both":      {"the narrower one decides the way", "filter=metadata.labels.kind&filter=metadata.labels.kind~RAR", []string{"a/n/m0007", "a/n/m1007", "a/n/m2007"}},
		"Not":       {"what has another word", "filter=metadata.labels.kind!=common", []string{"a/n/m0007", "a/n/m1007", "a/n/m2007"}},
		"NoRights":  {"a filter gives no rights", "filter=metadata.labels.kind=rare&site=b", []string{}},
		"NotIn":     {"none of", "filter=metadata.labels.kind notin (common)&pagesize=1", []string{"a/n/m0007"}},
		"Contains":  {"a part of a word", "filter=metadata.labels.kind~omm&pagesize=1", []string{"a/n/m0000"}},
		"NoSuchKey": {"nobody has it", "filter=metadata.labels.none", []string{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ids(t, x, everything, tc.query)); diff != "" {
				t.Errorf("%s: %s: (-want +got)\n%s", tc.reason, tc.query, diff)
			}
		})
	}
}

package quota

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func TestParseSize(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   int64
		says   string
	}{
		"Gibibytes": {"as people write it", "10Gi", 10 << 30, ""},
		"Bytes":     {"as programs do", "1024", 1024, ""},
		"Part":      {"a part of a byte is one", "1.5", 2, ""},
		"None":      {"a limit of nothing would be no limit", "0", 0, "more than 0"},
		"Negative":  {"nothing is smaller than nothing", "-1Gi", 0, "more than 0"},
		"Huge":      {"it must fit where it is kept", "9Ei", 0, "less than 4Ei"},
		"Words":     {"a size is a number", "much", 0, "such as 10Gi"},
		"Empty":     {"what is left out is no size", "", 0, "such as 10Gi"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ParseSize(tc.text)
			if got != tc.want || (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: want %d and %q, got %d and %v", tc.reason, tc.want, tc.says, got, err)
			}
		})
	}
}

func TestPut(t *testing.T) {
	const some, more = 1 << 30, 2 << 30
	with := func(namespace int64, machines map[string]int64) harvesterv1.SnapshotLimit {
		return harvesterv1.SnapshotLimit{NamespaceTotalSnapshotSizeQuota: namespace, VMTotalSnapshotSizeQuota: machines}
	}
	cases := map[string]struct {
		reason  string
		before  harvesterv1.SnapshotLimit
		machine string
		size    int64
		want    harvesterv1.SnapshotLimit
		changed bool
	}{
		"Namespace":     {"the machines' stay", with(0, map[string]int64{"web": some}), "", more, with(more, map[string]int64{"web": some}), true},
		"Machine":       {"the namespace's stays", with(some, nil), "web", more, with(some, map[string]int64{"web": more}), true},
		"Another":       {"and that of others", with(0, map[string]int64{"db": some}), "web", more, with(0, map[string]int64{"db": some, "web": more}), true},
		"Same":          {"nothing is written for nothing", with(0, map[string]int64{"web": some}), "web", some, with(0, map[string]int64{"web": some}), false},
		"LiftMachine":   {"one goes", with(some, map[string]int64{"db": some, "web": more}), "web", 0, with(some, map[string]int64{"db": some}), true},
		"LiftNamespace": {"or the other", with(some, map[string]int64{"db": some}), "", 0, with(0, map[string]int64{"db": some}), true},
		"LiftNone":      {"what is not there need not go", with(some, nil), "web", 0, with(some, nil), false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			changed := put(&tc.before, tc.machine, tc.size)
			if diff := cmp.Diff(tc.want, tc.before); diff != "" || changed != tc.changed {
				t.Errorf("%s: changed: %t, -want +got:\n%s", tc.reason, changed, diff)
			}
		})
	}
}

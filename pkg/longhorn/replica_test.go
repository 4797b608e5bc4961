package longhorn_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/pkg/longhorn"
)

func copyOf(volume, node string, changes ...func(*longhorn.Replica)) longhorn.Replica {
	r := longhorn.Replica{Spec: longhorn.ReplicaSpec{VolumeName: volume, NodeID: node, HealthyAt: "2026-01-01T00:00:00Z"}}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func failed(r *longhorn.Replica) { r.Spec.FailedAt = "2026-01-02T00:00:00Z" }
func built(r *longhorn.Replica)  { r.Spec.HealthyAt = "" }

func TestOnlyOn(t *testing.T) {
	cases := map[string]struct {
		reason   string
		replicas []longhorn.Replica
		want     map[string]bool
	}{
		"None":      {"nothing is nowhere", nil, map[string]bool{}},
		"One":       {"the only copy", []longhorn.Replica{copyOf("v", "a")}, map[string]bool{"v": true}},
		"Two":       {"there is another", []longhorn.Replica{copyOf("v", "a"), copyOf("v", "b")}, map[string]bool{}},
		"TwoHere":   {"two disks of one node go together", []longhorn.Replica{copyOf("v", "a"), copyOf("v", "a")}, map[string]bool{"v": true}},
		"Elsewhere": {"it is elsewhere anyway", []longhorn.Replica{copyOf("v", "b")}, map[string]bool{}},
		"Failed":    {"a copy that failed is none", []longhorn.Replica{copyOf("v", "b", failed), copyOf("v", "a")}, map[string]bool{"v": true}},
		"Built":     {"nor is one that is not whole yet", []longhorn.Replica{copyOf("v", "a"), copyOf("v", "b", built)}, map[string]bool{"v": true}},
		"Lost":      {"what has failed here cannot be lost again", []longhorn.Replica{copyOf("v", "a", failed)}, map[string]bool{}},
		"Nowhere":   {"a copy without a place is none", []longhorn.Replica{copyOf("v", "a"), copyOf("v", "")}, map[string]bool{"v": true}},
		"Others":    {"each volume is looked at alone", []longhorn.Replica{copyOf("v", "a"), copyOf("w", "b"), copyOf("w", "a")}, map[string]bool{"v": true}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, longhorn.OnlyOn("a", tc.replicas)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

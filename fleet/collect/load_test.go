package collect

import (
	"sync/atomic"
	"testing"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/namespace"
)

// TestHoldingIsReadOnce holds that the keys of a source are read when it is taken up, and again only where what is known of
// them may not be what is written: a site that comes and goes costs the hub no look at all of its rows.
func TestHoldingIsReadOnce(t *testing.T) {
	rows, err := index.Open(t.Context(), t.TempDir(), []*index.Type{namespace.Type})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	put := func(name string) {
		t.Helper()
		part, err := namespace.Type.Sources[0].Trim([]byte(`{"metadata":{"name":"` + name + `"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Apply(t.Context(), index.Batch{Site: "c-1", Type: namespace.Type, Changes: []index.Change{{Name: name, Part: part}}, Version: "1"}); err != nil {
			t.Fatal(err)
		}
	}
	f := &follower{c: &Collector{ID: "c-1", Index: rows}, t: namespace.Type, source: namespace.Type.Sources[0], held: newHolding(&atomic.Int64{})}
	put("first")
	for _, step := range []struct {
		reason string
		before func()
		want   bool
	}{
		{"nothing is known yet", func() {}, true},
		{"what is known is what is written", func() { f.held.drop("", "first") }, false},
		{"a batch was not written, so what it has noted is not so", func() { f.batch = []index.Change{{Name: "first"}} }, true},
		{"nor of another file than the one that is open", func() { f.held.drop("", "first"); f.cursor.Epoch-- }, true},
	} {
		step.before()
		if _, err := f.resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := f.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.held.has("", "first"); got != step.want {
			t.Errorf("%s: the object is known: %v, want %v", step.reason, got, step.want)
		}
	}
}

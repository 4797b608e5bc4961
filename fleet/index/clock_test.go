package index

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTold sets the clock forwards and back between the moment at which a site was heard and the moment at which somebody
// asks.
func TestTold(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		reason string
		age    time.Duration
		now    time.Time
		want   time.Time
	}{
		"Same":     {"nobody touched the clock", time.Minute, noon.Add(time.Minute), noon},
		"Drift":    {"a clock that is corrected a little says the same all the time", time.Minute, noon.Add(time.Minute + time.Second), noon},
		"Forwards": {"an hour was leapt over: the site was heard a minute ago and not an hour", time.Minute, noon.Add(61 * time.Minute), noon.Add(60 * time.Minute)},
		"Back":     {"the clock was a day ahead", time.Minute, noon.Add(-24 * time.Hour), noon.Add(-24*time.Hour - time.Minute)},
		"Restart":  {"from before a restart there is the clock alone, which was ahead", -24 * time.Hour, noon.Add(-24 * time.Hour), noon.Add(-24 * time.Hour)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := told(noon, tc.age, tc.now)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
			if got.After(tc.now) {
				t.Errorf("%s: the age is negative", tc.reason)
			}
		})
	}
}

// TestClockIsSet sets the hub's clock by years, back and forwards, over restarts: nothing is dropped, no age is negative,
// and no revision goes back.
func TestClockIsSet(t *testing.T) {
	kind := &Type{Name: "thing", Plural: "things", Sources: []Source{{}}, Join: func([][]byte) (Row, error) { return Row{}, nil }}
	folder := t.TempDir()
	noon := time.Now()
	last := int64(0)
	for number, clock := range []time.Time{noon, noon.AddDate(10, 0, 0), noon.AddDate(-10, 0, 0), noon} {
		x, err := Open(t.Context(), folder, []*Type{kind})
		if err != nil {
			t.Fatal(err)
		}
		x.now = func() time.Time { return clock }
		if number > 0 {
			if site, known := x.Site("a"); !known || site.LastHeard.IsZero() || site.LastHeard.After(clock) {
				t.Errorf("start %d: the site was heard at %s, and it is %s", number, site.LastHeard, clock)
			}
		}
		if x.Revision() < last {
			t.Errorf("start %d: the revision went back from %d to %d", number, last, x.Revision())
		}
		if err := x.SetSite(t.Context(), Site{ID: "a", Connected: true, LastHeard: clock.Round(0)}); err != nil {
			t.Fatal(err)
		}
		change := Change{Name: string(rune('a' + number)), Part: []byte("{}")}
		if err := x.Apply(t.Context(), Batch{Site: "a", Type: kind, Changes: []Change{change}, Version: "1"}); err != nil {
			t.Fatal(err)
		}
		last = x.Revision()
		keys, err := x.Keys(t.Context(), "a", kind, 0)
		if err != nil || len(keys) != number+1 {
			t.Errorf("start %d: %d rows, %v", number, len(keys), err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

package index

import "time"

// leap is by how much two clocks must differ before one of them has been set. Between them they drift less.
const leap = 2 * time.Second

// heard is when a site was last heard, by the clock as it is now. A time that was taken since the hub began knows its age
// whatever was done to the clock meanwhile. One from before a restart has the clock's word alone; if that lies in what is
// now the future, the site was heard now: no age is negative.
func (x *Index) heard(site Site) Site {
	if site.LastHeard.IsZero() {
		return site
	}
	now := x.now()
	site.LastHeard = told(site.LastHeard, now.Sub(site.LastHeard), now)
	return site
}

// told is a moment of which the age is known, as a clock tells it that may have been set since.
func told(moment time.Time, age time.Duration, now time.Time) time.Time {
	by := now.Add(-max(0, age)).Round(0)
	if difference := by.Sub(moment.Round(0)); difference < leap && difference > -leap {
		return moment
	}
	return by
}

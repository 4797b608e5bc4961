package collect

import "time"

// Budget is what one site may cost.
type Budget struct {
	// Objects is the most objects of one source.
	Objects int
	// Bytes is the most that is kept of all sources together, before it is put into rows.
	Bytes int64
	// ObjectBytes is the largest object that is read; larger ones are left out. An API server stores at most 1.5 MiB.
	ObjectBytes int
	// PartBytes is the most that is kept of one object; of which more is to be kept, that one is left out.
	PartBytes int
	// PageBytes is the largest page of a list that is read; where a page is larger, smaller ones are asked for.
	PageBytes int64
	// PageObjects is how many objects a page of a list is asked to hold.
	PageObjects int
	// Changes is how many changes a second are written in the long run; every KiB counts as one more.
	Changes int
	// Answer is how long the site may take to begin an answer, and to give a page of a list.
	Answer time.Duration
	// Watch is the least time that a watch is asked to last; at most it is twice that.
	Watch time.Duration
	// Overtime is how long a site may hold a watch open beyond the time that was asked for.
	Overtime time.Duration
	// Pulse is how often it is asked whether the site answers.
	Pulse time.Duration
	// Linger is how long a change waits for others to be written with it.
	Linger time.Duration
	// FirstPause and LongestPause are how long a source waits after a failure; each failure doubles the pause.
	FirstPause, LongestPause time.Duration
}

// DefaultBudget is enough for a site of a few hundred nodes.
var DefaultBudget = Budget{
	Objects:      100_000,
	Bytes:        64 << 20,
	ObjectBytes:  2 << 20,
	PartBytes:    64 << 10,
	PageBytes:    16 << 20,
	PageObjects:  500,
	Changes:      5_000,
	Answer:       15 * time.Second,
	Watch:        5 * time.Minute,
	Overtime:     time.Minute,
	Pulse:        10 * time.Second,
	Linger:       50 * time.Millisecond,
	FirstPause:   500 * time.Millisecond,
	LongestPause: 30 * time.Second,
}

// A batch is written when it holds so many changes, or so many bytes.
const (
	batchSize  = 500
	batchBytes = 1 << 20
	// mostAhead is of how many changes of a companion wait at most.
	mostAhead = 4 * batchSize
	// smallBatch is of how many changes a batch may keep its memory when it has been written.
	smallBatch = 16
)

// cost is what a batch takes from the budget of changes.
func cost(changes, bytes int) int {
	return changes + bytes>>10
}

// largest is the cost of the largest batch.
func (b Budget) largest() int {
	return cost(batchSize, batchBytes+b.PartBytes)
}

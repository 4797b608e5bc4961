package index

import (
	"context"
	"crypto/rand"
)

// ID is of this index alone: each replica of the hub has an index of its own, and one that is begun anew is another. The
// numbers of changes mean something only together with it. It outlives a restart, as the rows do.
func (x *Index) ID() string {
	x.door.RLock()
	defer x.door.RUnlock()
	return x.id
}

// newID is an ID that no other index has: fifty bits of chance, in letters and digits.
func newID() string {
	return rand.Text()[:10]
}

// loadID reads the ID that the file got when it was begun.
func (x *Index) loadID(ctx context.Context) error {
	return x.write.QueryRowContext(ctx, "SELECT id FROM identity").Scan(&x.id)
}

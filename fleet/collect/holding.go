package collect

import (
	"hash/maphash"
	"sync/atomic"
)

// holding is which objects of a source have a row, and how large their parts are. An object is known by a hash of its
// address, so that a hundred thousand of them cost a few megabytes, however long their names.
type holding struct {
	// seed keeps sites from choosing names that look alike.
	seed  maphash.Seed
	sizes map[uint64]int
	// bytes adds up the parts of all sources of the site.
	bytes *atomic.Int64
}

func newHolding(bytes *atomic.Int64) *holding {
	return &holding{seed: maphash.MakeSeed(), sizes: map[uint64]int{}, bytes: bytes}
}

// has says whether an object has a row.
func (h *holding) has(namespace, name string) bool {
	_, ok := h.sizes[h.key(namespace, name)]
	return ok
}

// fits says whether an object with a part of a size may have a row within the budget.
func (h *holding) fits(namespace, name string, size int, budget Budget) bool {
	before, known := h.sizes[h.key(namespace, name)]
	if !known && len(h.sizes) >= budget.Objects {
		return false
	}
	return size <= before || h.bytes.Load()+int64(size-before) <= budget.Bytes
}

// put notes that an object has a row.
func (h *holding) put(namespace, name string, size int) {
	key := h.key(namespace, name)
	h.bytes.Add(int64(size - h.sizes[key]))
	h.sizes[key] = size
}

// drop notes that an object has none any more.
func (h *holding) drop(namespace, name string) {
	key := h.key(namespace, name)
	h.bytes.Add(-int64(h.sizes[key]))
	delete(h.sizes, key)
}

// clear begins anew.
func (h *holding) clear() {
	for _, size := range h.sizes {
		h.bytes.Add(-int64(size))
	}
	h.sizes = map[uint64]int{}
}

func (h *holding) key(namespace, name string) uint64 {
	return maphash.Comparable(h.seed, [2]string{namespace, name})
}

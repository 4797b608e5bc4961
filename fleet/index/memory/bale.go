package memory

import "math/bits"

// bale is how many slots are looked at together: as many as a word of the processor has bits.
const bale = 64

// among asks of each slot of a bale that is wanted, and gives those of which it holds.
func among(number int, wanted uint64, is func(slot uint32) bool) uint64 {
	found := wanted
	for left := wanted; left != 0; left &= left - 1 {
		at := bits.TrailingZeros64(left)
		if !is(uint32(number*bale + at)) { //nolint:gosec // a slot
			found &^= 1 << at
		}
	}
	return found
}

// bitset is a set of slots, a word for each bale.
type bitset []uint64

func newBitset(slots int) bitset { return make(bitset, (slots+bale-1)/bale) }

func (b bitset) has(slot uint32) bool { return b[slot/bale]>>(slot%bale)&1 != 0 }

// all are the slots of the set, in order.
func (b bitset) all(yield func(slot uint32) bool) {
	for number, left := range b {
		for ; left != 0; left &= left - 1 {
			if !yield(uint32(number*bale + bits.TrailingZeros64(left))) { //nolint:gosec // a slot
				return
			}
		}
	}
}

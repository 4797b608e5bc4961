package serve

import "math/bits"

// numbers is a set of numbers that lie close together, as those of the rows of one table do: a hundred thousand of them
// take a few dozen kilobytes.
type numbers map[int64]uint64

const wordBits = 64

func (n numbers) add(number int64) {
	n[number/wordBits] |= 1 << (number % wordBits)
}

// take takes a number out and says whether it was there.
func (n numbers) take(number int64) bool {
	word, mask := number/wordBits, uint64(1)<<(number%wordBits)
	if n[word]&mask == 0 {
		return false
	}
	if n[word] &^= mask; n[word] == 0 {
		delete(n, word)
	}
	return true
}

// without are the numbers that another set has not.
func (n numbers) without(other numbers) []int64 {
	var all []int64
	for word, set := range n {
		for left := set &^ other[word]; left != 0; left &= left - 1 {
			all = append(all, word*wordBits+int64(bits.TrailingZeros64(left)))
		}
	}
	return all
}

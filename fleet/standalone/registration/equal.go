package registration

import (
	"crypto/sha256"
	"crypto/subtle"
)

// equal compares secret words in a time that tells neither where they differ nor
// how long the right one is. An empty word equals nothing.
func equal(want, have string) bool {
	if want == "" || have == "" {
		return false
	}

	left, right := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(have))

	return subtle.ConstantTimeCompare(left[:], right[:]) == 1
}

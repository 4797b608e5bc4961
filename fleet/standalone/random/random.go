// Package random makes the words that must not be guessed, and the short ones
// that must not be confused when read aloud. Begin reading at Word.
package random

import (
	"crypto/rand"
	"fmt"
)

// letters are Rancher's: no vowels, so that no words come out, and nothing that
// looks like something else. All of them may stand in a Kubernetes name.
const letters = "bcdfghjklmnpqrstvwxz2456789"

// Word is a random word of that many letters, each worth 4.75 bits.
func Word(length int) (string, error) {
	word := make([]byte, 0, length)
	buffer := make([]byte, length)

	for len(word) < length {
		if _, err := rand.Read(buffer); err != nil {
			return "", fmt.Errorf("read random bytes: %w", err)
		}

		for _, b := range buffer {
			// Only a whole number of alphabets, or the first letters would come more often.
			if int(b) < 256/len(letters)*len(letters) && len(word) < length {
				word = append(word, letters[int(b)%len(letters)])
			}
		}
	}

	return string(word), nil
}

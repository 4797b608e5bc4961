package memory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestHaystack puts texts of any length in at random, and finds each where it is and nowhere else.
func TestHaystack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same in every run
	table := New(nil, Column{Kind: Text, Searched: true})
	var h haystack
	var have [bale][2]string
	for round := range 5000 {
		slot := random.IntN(bale)
		have[slot] = [2]string{textOf(random), textOf(random)}
		packed, _ := table.pack(Row{Name: have[slot][0], Cells: []Cell{{Text: have[slot][1]}}})
		h.put(slot, packed, table.searched)
		text, want := []string{"a", "ab", "ba", "bab", "\x01", "c"}[random.IntN(6)], uint64(0)
		for at, texts := range have {
			if strings.Contains(texts[0], text) || strings.Contains(texts[1], text) {
				want |= 1 << at
			}
		}
		if got := h.find([]byte(text)); got != want {
			t.Fatalf("round %d: %q stands in %b, not in %b", round, text, want, got)
		}
	}
	for slot := range bale {
		h.put(slot, "", 0)
	}
	if len(h.text) != 0 || h.find([]byte("a")) != 0 {
		t.Errorf("nothing is left of %q", h.text)
	}
}

// textOf is some text, often none, now and then with a NUL or a long one.
func textOf(random *rand.Rand) string {
	text := strings.Repeat([]string{"", "a", "b", "ab", "\x00", "\x01"}[random.IntN(6)], random.IntN(4))
	if random.IntN(50) == 0 {
		text = fmt.Sprint(text, strings.Repeat("x", 300))
	}
	return text
}

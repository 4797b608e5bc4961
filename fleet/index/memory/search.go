package memory

import (
	"slices"
	"strings"
)

// Search is a text that must stand in one of the columns that are searched. It remembers which words have it, because many
// rows have the same ones, and is not for use by many at once.
type Search struct {
	text    string
	needle  []byte
	without []int
	words   asked
}

// NewSearch looks for a text, which has no case, is not empty and has no NUL; not in columns that the asker may not see.
func NewSearch(text string, without ...int) *Search {
	has := func(word string) bool { return strings.Contains(word, text) }
	return &Search{text: text, needle: []byte(text), without: without, words: asked{is: has}}
}

// among says which of the slots of a haystack, that are wanted at all, have the text.
func (s *Search) among(t *Table, number int, wanted uint64) uint64 {
	found := t.haystacks[number].find(s.needle) & wanted
	if len(s.without) > 0 {
		found = among(number, found, func(slot uint32) bool { return s.owns(t, slot) })
	}
	answers := s.words.about(t.words)
	if s.words.nowhere() {
		return found
	}
	for _, column := range t.searchedWords {
		if c := &t.columns[column]; c.filled > 0 && !slices.Contains(s.without, column) {
			found |= s.inWords(answers, c.words[number*bale:min((number+1)*bale, len(c.words))])
		}
	}
	return found & wanted
}

// inWords says which of some slots have a word with the text.
func (s *Search) inWords(answers []answer, numbers []uint32) (found uint64) {
	for i, number := range numbers {
		if s.words.holds(answers, number) {
			found |= 1 << i
		}
	}
	return found
}

// row says of one row whether it has the text.
func (s *Search) row(t *Table, slot uint32) bool {
	if s.owns(t, slot) {
		return true
	}
	answers := s.words.about(t.words)
	return slices.ContainsFunc(t.searchedWords, func(column int) bool {
		return !slices.Contains(s.without, column) && s.inWords(answers, t.columns[column].words[slot:slot+1]) != 0
	})
}

// owns says whether the text stands in one of the texts that the row has for itself.
func (s *Search) owns(t *Table, slot uint32) bool {
	return slices.ContainsFunc(t.own[:t.searched], func(column int) bool {
		return !slices.Contains(s.without, column) && strings.Contains(t.columns[column].text(slot), s.text)
	})
}

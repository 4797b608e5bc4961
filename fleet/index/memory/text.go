package memory

// textTest tests a column's text.
type textTest struct {
	column int
	is     func(text string) bool
	// part stands in every text of which it holds. It is empty if none is known.
	part  []byte
	words asked
}

// TextIs tests a column's text, without case. Where it holds, part stands in the text: what has it is found sooner. It is
// empty if nothing is known to.
func TextIs(column int, is func(text string) bool, part string) Test {
	return &textTest{column: column, is: is, part: []byte(part), words: asked{is: is}}
}

func (x *textTest) row(t *Table, slot uint32) bool { return x.is(t.columns[x.column].text(slot)) }

func (x *textTest) among(t *Table, number int, wanted uint64) uint64 {
	c := &t.columns[x.column]
	if c.kind == Word {
		answers, words := x.words.about(t.words), c.words
		return among(number, wanted, func(slot uint32) bool { return x.words.holds(answers, words[slot]) })
	}
	if len(x.part) > 0 && c.number < t.searched {
		if wanted &= t.haystacks[number].find(x.part); wanted == 0 {
			return 0
		}
	}
	return among(number, wanted, func(slot uint32) bool { return x.row(t, slot) })
}

// labelTest tests the word of a label.
type labelTest struct {
	key   string
	is    func(word string) bool
	words asked
}

// LabelIs tests whether a row has a label of a key whose word is as it should be.
func LabelIs(key string, is func(word string) bool) Test {
	return &labelTest{key: key, is: is, words: asked{is: is, written: true}}
}

func (x *labelTest) row(t *Table, slot uint32) bool {
	key, known := t.words.known[x.key]
	word, has := t.label(slot, key)
	return known && has && x.is(t.words.all[word].written)
}

func (x *labelTest) among(t *Table, number int, wanted uint64) uint64 {
	key, known := t.words.known[x.key]
	if !known {
		return 0
	}
	answers := x.words.about(t.words)
	return among(number, wanted, func(slot uint32) bool {
		word, has := t.label(slot, key)
		return has && x.words.holds(answers, word)
	})
}

// label is the word of a slot's label, by the number of its key.
func (t *Table) label(slot, key uint32) (word uint32, has bool) {
	for _, each := range t.labels[slot] {
		if each.key == key {
			return each.word, true
		}
	}
	return none, false
}

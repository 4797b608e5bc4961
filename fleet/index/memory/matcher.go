package memory

// Test says whether a row is one of those that are looked for.
type Test func(t *Table, slot uint32) bool

// TextIs tests a column's text, without case.
func TextIs(column int, is func(text string) bool) Test {
	return func(t *Table, slot uint32) bool { return is(t.columns[column].text(slot)) }
}

// NumberIs tests a column's number.
func NumberIs(column int, is func(number float64) bool) Test {
	return func(t *Table, slot uint32) bool { return is(t.columns[column].numbers[slot]) }
}

// PlaceIs tests a row's site and namespace. What it says of a place holds for all rows there.
func PlaceIs(is func(site, namespace string) bool) Test {
	known := map[place]bool{}
	return func(t *Table, slot uint32) bool {
		where := t.known[t.places[slot]]
		held, ok := known[where]
		if !ok {
			held = is(where.site, where.namespace)
			known[where] = held
		}
		return held
	}
}

// LabelIs tests whether a row has a label of a key whose word is as it should be.
func LabelIs(key string, is func(word string) bool) Test {
	return func(t *Table, slot uint32) bool {
		for _, each := range t.labels[slot] {
			if t.words.all[each.key].written == key {
				return is(t.words.all[each.word].written)
			}
		}
		return false
	}
}

// Not is the contrary of a test.
func Not(test Test) Test {
	return func(t *Table, slot uint32) bool { return !test(t, slot) }
}

// Any holds where one of several does.
func Any(tests ...Test) Test {
	return func(t *Table, slot uint32) bool {
		for _, test := range tests {
			if test(t, slot) {
				return true
			}
		}
		return false
	}
}

// Always holds, or never.
func Always(held bool) Test {
	return func(*Table, uint32) bool { return held }
}

// Each looks at every row and visits those that are wanted.
func (t *Table) Each(wanted func(Visited) bool, visit func(Visited)) {
	t.lock.RLock()
	defer t.lock.RUnlock()
	for slot := range t.ids {
		if t.ids[slot] == 0 {
			continue
		}
		row := t.visited(uint32(slot)) //nolint:gosec // a slot
		if wanted(row) {
			visit(row)
		}
	}
}

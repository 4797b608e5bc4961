package memory

// Test says which rows are among those that are looked for. It remembers what it has found out, because many rows have the
// same words and places, and is not for use by many at once.
type Test interface {
	// row says it of one row.
	row(t *Table, slot uint32) bool
	// among says it of those slots of a bale that are wanted at all, a bit for each.
	among(t *Table, number int, wanted uint64) uint64
}

// rowTest is a Test that looks at each row.
type rowTest func(t *Table, slot uint32) bool

func (is rowTest) row(t *Table, slot uint32) bool { return is(t, slot) }

func (is rowTest) among(t *Table, number int, wanted uint64) uint64 {
	return among(number, wanted, func(slot uint32) bool { return is(t, slot) })
}

// NumberIs tests a column's number.
func NumberIs(column int, is func(number float64) bool) Test {
	return rowTest(func(t *Table, slot uint32) bool { return is(t.columns[column].numbers[slot]) })
}

// Always holds, or never.
func Always(held bool) Test {
	return rowTest(func(*Table, uint32) bool { return held })
}

// PlaceIs tests a row's site and namespace. What it says of a place holds for all rows there.
func PlaceIs(is func(site, namespace string) bool) Test {
	known := map[place]bool{}
	return rowTest(func(t *Table, slot uint32) bool {
		where := t.known[t.places[slot]]
		held, ok := known[where]
		if !ok {
			held = is(where.site, where.namespace)
			known[where] = held
		}
		return held
	})
}

// not is the contrary of a test.
type not struct{ test Test }

// Not is the contrary of a test.
func Not(test Test) Test { return not{test} }

func (n not) row(t *Table, slot uint32) bool { return !n.test.row(t, slot) }

func (n not) among(t *Table, number int, wanted uint64) uint64 {
	return wanted &^ n.test.among(t, number, wanted)
}

// either holds where one of several tests does.
type either []Test

// Any holds where one of several tests does.
func Any(tests ...Test) Test { return either(tests) }

func (e either) row(t *Table, slot uint32) bool {
	for _, test := range e {
		if test.row(t, slot) {
			return true
		}
	}
	return false
}

func (e either) among(t *Table, number int, wanted uint64) (found uint64) {
	for _, test := range e {
		found |= test.among(t, number, wanted&^found)
	}
	return found
}

package memory

import (
	"iter"
	"math/bits"
	"slices"
	"sort"
)

// Scope says what of a place a caller may see.
type Scope interface {
	// Whole says whether everything in a namespace of a site may be seen; part, whether anything in it may.
	Whole(site, namespace string) (whole, part bool)
	// Named says whether an object may be seen in a place of which a part may.
	Named(site, namespace, name string) bool
}

// Key is one column of an order.
type Key struct {
	Column     int
	Descending bool
}

// Position is where a page goes on: the cells of the keys, and the id.
type Position struct {
	Cells []Cell
	ID    int64
}

// Query is what is looked for.
type Query struct {
	// Scope is what may be seen.
	Scope Scope
	// Search must be found, if it is not nil.
	Search *Search
	// Tests must all hold.
	Tests []Test
	// Keys are the order. Equal rows come by name and then by id, in the direction of the last key.
	Keys []Key
	// After is where the page goes on; if it is nil, so many rows as Offset says are left out.
	After  *Position
	Offset int
	// Limit is the most rows.
	Limit int
}

// Found is what was found.
type Found struct {
	// Rows are the page. They have no cells and labels.
	Rows []Row
	// Count is how many there are in all.
	Count int
	// Last are the cells of the keys of the last row.
	Last []Cell
	// More says that there are rows behind the last.
	More bool
}

// few is up to which part of all rows those that match are gathered and sorted, instead of being met along an order.
const few = 64

// Select finds a page.
func (t *Table) Select(q Query) Found {
	t.lock.RLock()
	defer t.lock.RUnlock()
	s := selection{t: t, q: q}
	s.look()
	s.keys = t.keysOf(q.Keys)
	column, along := s.along()
	if along && s.count*few >= len(t.slots) {
		s.walk(column)
	} else {
		s.gather()
	}
	return s.found()
}

// selection is a query while it is answered.
type selection struct {
	t    *Table
	q    Query
	keys []Key
	// seen says of each place what of it may be seen; partly is whether of any place only a part may.
	seen   []sight
	partly bool
	// matching are the slots that are among the rows, if that is not known from their places.
	matching bitset
	count    int
	slots    []uint32
	more     bool
}

type sight byte

const (
	nothing sight = iota
	part
	whole
)

// look finds which rows match, or which places, if that is all that matters.
func (s *selection) look() {
	t := s.t
	s.seen = make([]sight, len(t.known))
	for number, count := range t.counts {
		if count == 0 {
			continue
		}
		where := t.known[number]
		all, some := s.q.Scope.Whole(where.site, where.namespace)
		switch {
		case all:
			s.seen[number] = whole
			s.count += count
		case some:
			s.seen[number] = part
			s.partly = true
		}
	}
	if !s.partly && s.q.Search == nil && len(s.q.Tests) == 0 {
		return
	}
	s.count = 0
	s.matching = newBitset(len(t.ids))
	for number := range s.matching {
		s.matching[number] = s.among(number)
		s.count += bits.OnesCount64(s.matching[number])
	}
}

// among are the slots of a bale that match. What is seen is found out first, because it costs least.
func (s *selection) among(number int) uint64 {
	wanted := uint64(0)
	first := number * bale
	for i, id := range s.t.ids[first:min(first+bale, len(s.t.ids))] {
		if id != 0 && s.sees(uint32(first+i)) { //nolint:gosec // a slot
			wanted |= 1 << i
		}
	}
	if wanted != 0 && s.q.Search != nil {
		wanted = s.q.Search.among(s.t, number, wanted)
	}
	for _, test := range s.q.Tests {
		if wanted == 0 {
			break
		}
		wanted = test.among(s.t, number, wanted)
	}
	return wanted
}

func (s *selection) sees(slot uint32) bool {
	number := s.t.places[slot]
	switch s.seen[number] {
	case whole:
		return true
	case part:
		where := s.t.known[number]
		return s.q.Scope.Named(where.site, where.namespace, s.t.name(slot))
	default:
		return false
	}
}

// matches says whether a slot is among the rows.
func (s *selection) matches(slot uint32) bool {
	if s.matching != nil {
		return s.matching.has(slot)
	}
	return s.seen[s.t.places[slot]] == whole
}

// all are the slots of the rows.
func (s *selection) all() iter.Seq[uint32] {
	if s.matching != nil {
		return s.matching.all
	}
	return func(yield func(slot uint32) bool) {
		for slot, id := range s.t.ids {
			if slot := uint32(slot); id != 0 && s.matches(slot) && !yield(slot) { //nolint:gosec // a slot
				return
			}
		}
	}
}

// keysOf ends keys with the name.
func (t *Table) keysOf(keys []Key) []Key {
	if slices.ContainsFunc(keys, func(k Key) bool { return k.Column == Name }) {
		return keys
	}
	descending := len(keys) > 0 && keys[len(keys)-1].Descending
	return append(slices.Clip(keys), Key{Column: Name, Descending: descending})
}

// along is the column whose order the keys follow, if there is one.
func (s *selection) along() (int, bool) {
	keys := s.keys
	column := keys[0].Column
	if s.t.columns[column].order == nil {
		return 0, false
	}
	switch {
	case len(keys) == 1:
		return column, true
	case len(keys) == 2 && keys[1].Column == Name && keys[0].Descending == keys[1].Descending:
		return column, true
	default:
		return 0, false
	}
}

// walk goes along an order until the page is full.
func (s *selection) walk(column int) {
	o, backwards, skip := s.t.columns[column].order, s.keys[0].Descending, s.q.Offset
	at, within := 0, 0
	if backwards {
		at, within = len(o.blocks)-1, beyond
	}
	switch {
	case s.q.After != nil:
		at, within = s.goOn(o, backwards)
		skip = 0
	case s.matching == nil && s.count == len(s.t.slots):
		o.walk(at, within, backwards, skip, s.take)
		return
	}
	o.walk(at, within, backwards, 0, func(slot uint32) bool {
		if !s.matches(slot) {
			return true
		}
		if skip > 0 {
			skip--
			return true
		}
		return s.take(slot)
	})
}

// take takes one more slot, and says whether there is room for another.
func (s *selection) take(slot uint32) bool {
	if len(s.slots) == s.q.Limit {
		s.more = true
		return false
	}
	s.slots = append(s.slots, slot)
	return true
}

// goOn is the first place of an order behind the position.
func (s *selection) goOn(o *order, backwards bool) (at, within int) {
	// In the order's own direction: everything up to the position is before, or everything from it on is not.
	at = sort.Search(len(o.blocks), func(i int) bool {
		b := o.blocks[i]
		return s.past(b[len(b)-1], backwards)
	})
	if at == len(o.blocks) {
		if backwards {
			return at - 1, beyond
		}
		return at, 0
	}
	within = sort.Search(len(o.blocks[at]), func(i int) bool { return s.past(o.blocks[at][i], backwards) })
	if !backwards {
		return at, within
	}
	if within == 0 {
		return at - 1, beyond
	}
	return at, within - 1
}

// past says whether a slot comes after the position in ascending order, or, backwards, not before it.
func (s *selection) past(slot uint32, backwards bool) bool {
	c := 0
	for i, key := range s.keys {
		if c = s.t.columns[key.Column].against(slot, s.q.After.Cells[i]); c != 0 {
			break
		}
	}
	if c == 0 {
		c = compareIDs(s.t.ids[slot], s.q.After.ID)
	}
	if backwards {
		return c >= 0
	}
	return c > 0
}

// gather sorts the rows that match, as far as the page reaches.
func (s *selection) gather() {
	reach := s.q.Offset + s.q.Limit + 1
	if s.q.After != nil {
		reach = s.q.Limit + 1
	}
	var best heap
	best.compare = s.compare
	for slot := range s.all() {
		if s.q.After == nil || s.behind(slot) {
			best.offer(slot, reach)
		}
	}
	slots := best.slots
	slices.SortFunc(slots, s.compare)
	if s.q.After == nil {
		slots = slots[min(s.q.Offset, len(slots)):]
	}
	if s.more = len(slots) > s.q.Limit; s.more {
		slots = slots[:s.q.Limit]
	}
	s.slots = slots
}

// compare is the order of the keys.
func (s *selection) compare(a, b uint32) int {
	for _, key := range s.keys {
		if c := s.t.columns[key.Column].compare(a, b); c != 0 {
			return turned(c, key.Descending)
		}
	}
	return turned(compareIDs(s.t.ids[a], s.t.ids[b]), s.keys[len(s.keys)-1].Descending)
}

// behind says whether a slot comes behind the position.
func (s *selection) behind(slot uint32) bool {
	for i, key := range s.keys {
		if c := s.t.columns[key.Column].against(slot, s.q.After.Cells[i]); c != 0 {
			return turned(c, key.Descending) > 0
		}
	}
	return turned(compareIDs(s.t.ids[slot], s.q.After.ID), s.keys[len(s.keys)-1].Descending) > 0
}

func turned(c int, descending bool) int {
	if descending {
		return -c
	}
	return c
}

// found is the answer.
func (s *selection) found() Found {
	f := Found{Count: s.count, More: s.more, Rows: make([]Row, 0, len(s.slots))}
	t := s.t
	// All rows are written one behind the other, into memory that is asked for once.
	var page []byte
	for i, slot := range s.slots {
		if i == 1 {
			page = make([]byte, 0, len(f.Rows[0].Document)*(len(s.slots)+2)*9/8)
		}
		row := Row{ID: t.ids[slot], Revision: t.revisions[slot]}
		v, from := t.visited(slot), len(page)
		page = t.show(page, v)
		row.Site, row.Namespace, row.Name, row.Document = v.Site, v.Namespace, v.Name, page[from:len(page):len(page)]
		f.Rows = append(f.Rows, row)
	}
	if len(s.slots) == 0 {
		return f
	}
	last := s.slots[len(s.slots)-1]
	for _, key := range s.keys {
		f.Last = append(f.Last, t.columns[key.Column].cell(last))
	}
	return f
}

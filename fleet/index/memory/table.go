package memory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// The columns that every table begins with.
const (
	// Name is the column of the names.
	Name = iota
	// Site is the column of the sites' display names; the site itself is part of a row's place.
	Site
	// Namespace is the column of the namespaces.
	Namespace
	// UID is the column of the UIDs.
	UID
	// Created is the column of when objects were made.
	Created
	// First is the first column of the type's own.
	First
)

var fixed = []Column{Name: {Text, true, true}, Site: {Word, true, false}, Namespace: {Word, true, false}, UID: {Kind: Text}, Created: {Number, true, false}}

// Row is one row.
type Row struct {
	// ID is its number, which it keeps.
	ID int64
	// Revision is the number of its last change.
	Revision int64
	// Site is the id of its site, and SiteName that site's display name.
	Site, SiteName string
	// Namespace, Name and UID are its object's.
	Namespace, Name, UID string
	// Created is seconds since 1970.
	Created int64
	// Cells are the type's own columns.
	Cells []Cell
	// Labels are the object's.
	Labels map[string]string
	// Beside is what is kept for being shown alone.
	Beside string
	// Document is what is shown, made of all this when the row is read. It is never written to.
	Document []byte
}

// Show writes a row as it is shown behind what is written already.
type Show func(into []byte, row Visited) []byte

// cell is what the row has in a column.
func (r Row) cell(column int) Cell {
	switch column {
	case Name:
		return Cell{Text: r.Name}
	case Site:
		return Cell{Text: r.SiteName}
	case Namespace:
		return Cell{Text: r.Namespace}
	case UID:
		return Cell{Text: r.UID}
	case Created:
		return Cell{Number: float64(r.Created)}
	default:
		return r.Cells[column-First]
	}
}

// label is one label of a row, by the numbers of its words.
type label struct {
	key, word uint32
}

// place is a namespace of a site, or a site for what lives in none.
type place struct {
	site, namespace string
}

// Table is all rows of one type. It is safe for use by many at once.
type Table struct {
	lock    sync.RWMutex
	columns []cells
	// own are the columns of which each row has a text for itself, in the order of the row's texts: those that are searched
	// come first, and searched is how many they are. searchedWords are the other columns that are searched.
	own           []int
	searched      int
	searchedWords []int
	show          Show
	// What each slot has. A slot without a row has the id 0.
	ids       []int64
	revisions []int64
	texts     []texts
	labels    [][]label
	beside    []string
	places    []uint32
	// haystacks are the texts that are searched once more, in the order of the slots.
	haystacks []*haystack
	// cased are the texts of the slots in which some have upper case.
	cased map[uint32]texts
	words *words
	// slots finds a slot by id; free are those without a row.
	slots map[int64]uint32
	free  []uint32
	// known are all places, counts how many rows are in each, and numbers finds a place.
	known   []place
	counts  []int
	numbers map[place]uint32
	// What is used again and again while rows are put in.
	packed, packedWritten []byte
	moved                 []int
	keys                  []string
}

// New makes an empty table with columns of the type's own, and a way to show a row.
func New(show Show, own ...Column) *Table {
	t := &Table{show: show, slots: map[int64]uint32{}, numbers: map[place]uint32{}, cased: map[uint32]texts{}, words: newWords()}
	all := slices.Concat(fixed, own)
	t.columns = make([]cells, 0, len(all))
	for _, column := range all {
		t.columns = append(t.columns, cells{t: t, kind: column.Kind})
	}
	t.number(all, true)
	t.searched = len(t.own)
	t.number(all, false)
	for i, column := range all {
		if column.Ordered {
			t.columns[i].order = &order{less: t.comparison(i), against: t.against(i)}
		}
	}
	return t
}

// number gives columns their places among the texts of a row.
func (t *Table) number(all []Column, searched bool) {
	for i, column := range all {
		switch c := &t.columns[i]; {
		case column.Searched != searched:
		case c.own():
			c.number = len(t.own)
			t.own = append(t.own, i)
		case searched && c.kind == Word:
			t.searchedWords = append(t.searchedWords, i)
		}
	}
}

// comparison is the order of a column: what is equal in it comes by name and then by id.
func (t *Table) comparison(column int) func(a, b uint32) int {
	first, name := &t.columns[column], &t.columns[Name]
	return func(a, b uint32) int {
		if c := first.compare(a, b); c != 0 {
			return c
		}
		if c := name.compare(a, b); c != 0 {
			return c
		}
		return compareIDs(t.ids[a], t.ids[b])
	}
}

// against is the same order, for one slot that is held against many.
func (t *Table) against(column int) func(slot uint32) func(other uint32) int {
	first, name := &t.columns[column], &t.columns[Name]
	return func(slot uint32) func(other uint32) int {
		value, called, id := first.value(slot), name.text(slot), t.ids[slot]
		return func(other uint32) int {
			if c := first.to(other, value); c != 0 {
				return c
			}
			if c := cmp.Compare(name.text(other), called); c != 0 {
				return c
			}
			return compareIDs(t.ids[other], id)
		}
	}
}

func compareIDs(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// Load fills an empty table: orders are made once for all rows.
func (t *Table) Load(rows func(put func(Row)) error) error {
	t.lock.Lock()
	defer t.lock.Unlock()
	if err := rows(func(row Row) { t.place(t.slot(), row, false) }); err != nil {
		return err
	}
	slots := slices.Collect(maps.Values(t.slots))
	var group sync.WaitGroup
	for i := range t.columns {
		if o := t.columns[i].order; o != nil {
			group.Go(func() { o.sort(slots) })
		}
	}
	group.Wait()
	return nil
}

// Change is a row that is there now, or the id of one that is gone.
type Change struct {
	Row

	Gone bool
}

// Apply takes over changes, all at once for those who read.
func (t *Table) Apply(changes []Change) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, change := range changes {
		slot, known := t.slots[change.ID]
		switch {
		case change.Gone && known:
			t.clear(slot)
		case change.Gone:
		case known:
			t.replace(slot, change.Row)
		default:
			t.place(t.slot(), change.Row, true)
		}
	}
}

// slot is one without a row.
func (t *Table) slot() uint32 {
	if last := len(t.free) - 1; last >= 0 {
		slot := t.free[last]
		t.free = t.free[:last]
		return slot
	}
	for i := range t.columns {
		t.columns[i].grow()
	}
	t.ids, t.revisions, t.texts = append(t.ids, 0), append(t.revisions, 0), append(t.texts, "")
	t.labels, t.beside, t.places = append(t.labels, nil), append(t.beside, ""), append(t.places, 0)
	return uint32(len(t.ids) - 1) //nolint:gosec // rows are bounded by the budgets of sites
}

// place puts a row into a slot that has none.
func (t *Table) place(slot uint32, row Row, ordered bool) {
	t.slots[row.ID] = slot
	t.ids[slot] = row.ID
	t.places[slot] = t.enter(place{row.Site, row.Namespace})
	t.keep(slot, row)
	for i := range t.columns {
		t.columns[i].set(slot, row.cell(i))
	}
	for i := range t.columns {
		if o := t.columns[i].order; o != nil && ordered {
			o.insert(slot)
		}
	}
}

// replace puts a row into the place of an older one of the same address. It is taken out of all orders in which it moves
// before anything of it changes.
func (t *Table) replace(slot uint32, row Row) {
	t.moved = t.moved[:0]
	for i := range t.columns {
		if column := &t.columns[i]; !column.has(slot, row.cell(i)) {
			t.moved = append(t.moved, i)
			if column.order != nil {
				column.order.remove(slot)
			}
		}
	}
	t.keep(slot, row)
	for _, i := range t.moved {
		t.columns[i].set(slot, row.cell(i))
	}
	for _, i := range t.moved {
		if o := t.columns[i].order; o != nil {
			o.insert(slot)
		}
	}
}

// keep takes over what does not lie in columns.
func (t *Table) keep(slot uint32, row Row) {
	t.revisions[slot] = row.Revision
	if t.beside[slot] != row.Beside {
		t.beside[slot] = strings.Clone(row.Beside)
	}
	folded, written := t.pack(row)
	if t.texts[slot] != folded {
		t.texts[slot] = folded
		t.stack(slot)
	}
	if written == "" {
		delete(t.cased, slot)
	} else {
		t.cased[slot] = written
	}
	t.tag(slot, row.Labels)
}

// tag takes over labels, in the order of their keys.
func (t *Table) tag(slot uint32, labels map[string]string) {
	before := t.labels[slot]
	t.labels[slot] = nil
	if len(labels) > 0 {
		t.labels[slot] = make([]label, 0, len(labels))
		t.keys = t.keys[:0]
		for key := range labels {
			t.keys = append(t.keys, key)
		}
		slices.Sort(t.keys)
		for _, key := range t.keys {
			t.labels[slot] = append(t.labels[slot], label{t.words.take(key), t.words.take(labels[key])})
		}
	}
	for _, each := range before {
		t.words.drop(each.key)
		t.words.drop(each.word)
	}
}

// clear takes a row out of its slot.
func (t *Table) clear(slot uint32) {
	for i := range t.columns {
		if o := t.columns[i].order; o != nil {
			o.remove(slot)
		}
	}
	for i := range t.columns {
		t.columns[i].set(slot, Cell{})
	}
	delete(t.slots, t.ids[slot])
	t.leave(t.places[slot])
	t.tag(slot, nil)
	delete(t.cased, slot)
	t.ids[slot], t.revisions[slot], t.texts[slot], t.beside[slot] = 0, 0, "", ""
	t.stack(slot)
	t.free = append(t.free, slot)
}

// enter counts a row in a place.
func (t *Table) enter(where place) uint32 {
	number, ok := t.numbers[where]
	if !ok {
		number = t.freePlace()
		t.known[number], t.numbers[where] = where, number
	}
	t.counts[number]++
	return number
}

// freePlace is the number of a place that has no row, or a new one.
func (t *Table) freePlace() uint32 {
	if len(t.numbers) < len(t.known) {
		if at := slices.Index(t.counts, 0); at >= 0 {
			delete(t.numbers, t.known[at])
			return uint32(at) //nolint:gosec // as many as rows at most
		}
	}
	t.known, t.counts = append(t.known, place{}), append(t.counts, 0)
	return uint32(len(t.known) - 1) //nolint:gosec // as many as rows at most
}

func (t *Table) leave(number uint32) {
	if t.counts[number]--; t.counts[number] == 0 {
		delete(t.numbers, t.known[number])
	}
}

// Rename gives a site another display name.
func (t *Table) Rename(site, name string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	column := &t.columns[Site]
	for slot, number := range t.places {
		if t.ids[slot] != 0 && t.known[number].site == site {
			column.set(uint32(slot), Cell{Text: name}) //nolint:gosec // a slot
		}
	}
	column.order.sort(slices.Collect(maps.Values(t.slots)))
}

// RemoveSite forgets all rows of a site.
func (t *Table) RemoveSite(site string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for slot := range t.ids {
		if t.ids[slot] != 0 && t.known[t.places[slot]].site == site {
			t.clear(uint32(slot)) //nolint:gosec // a slot
		}
	}
}

package memory

import (
	"cmp"
	"slices"
	"unique"
)

// Kind is the kind of a column.
type Kind int

// The kinds of columns.
const (
	// Word is text that many rows share, such as a state. It is compared without regard to case.
	Word Kind = iota
	// Text is text that each row has for itself, such as a name. It is compared without regard to case.
	Text
	// Bytes is text that is compared as it is.
	Bytes
	// Number is a number.
	Number
)

// Column is a column's place and kind.
type Column struct {
	// Kind is how it is kept.
	Kind Kind
	// Ordered says that it has an order.
	Ordered bool
	// Searched says that its text is part of what is searched.
	Searched bool
}

// Cell is what a row has in a column: a text, or a number.
type Cell struct {
	// Text is that of every kind but Number.
	Text string
	// Number is that of Number.
	Number float64
}

// cells are one column of all rows, by slot.
type cells struct {
	kind     Kind
	searched bool
	words    []unique.Handle[word]
	texts    []string
	numbers  []float64
	// order is nil where there is none.
	order *order
}

// grow makes room for one more slot.
func (c *cells) grow() {
	switch c.kind {
	case Word:
		c.words = append(c.words, wordOf(""))
	case Number:
		c.numbers = append(c.numbers, 0)
	default:
		c.texts = append(c.texts, "")
	}
}

func (c *cells) set(slot uint32, cell Cell) {
	switch c.kind {
	case Word:
		c.words[slot] = wordOf(cell.Text)
	case Number:
		c.numbers[slot] = cell.Number
	case Text:
		c.texts[slot] = Fold(cell.Text)
	default:
		c.texts[slot] = cell.Text
	}
}

// text is a slot's, without case.
func (c *cells) text(slot uint32) string {
	if c.kind == Word {
		return c.words[slot].Value().folded
	}
	return c.texts[slot]
}

// has says whether a slot has the value of a cell.
func (c *cells) has(slot uint32, cell Cell) bool {
	switch c.kind {
	case Word:
		return c.words[slot].Value().written == cell.Text
	case Number:
		return c.numbers[slot] == cell.Number
	case Text:
		return c.texts[slot] == Fold(cell.Text)
	default:
		return c.texts[slot] == cell.Text
	}
}

func (c *cells) compare(a, b uint32) int {
	switch c.kind {
	case Number:
		return cmp.Compare(c.numbers[a], c.numbers[b])
	case Word:
		if c.words[a] == c.words[b] {
			return 0
		}
	}
	return cmp.Compare(c.text(a), c.text(b))
}

// against compares a slot with a value.
func (c *cells) against(slot uint32, cell Cell) int {
	switch c.kind {
	case Number:
		return cmp.Compare(c.numbers[slot], cell.Number)
	case Bytes:
		return cmp.Compare(c.texts[slot], cell.Text)
	default:
		return cmp.Compare(c.text(slot), Fold(cell.Text))
	}
}

// cell is what a slot has.
func (c *cells) cell(slot uint32) Cell {
	switch c.kind {
	case Number:
		return Cell{Number: c.numbers[slot]}
	case Word:
		return Cell{Text: c.words[slot].Value().written}
	default:
		return Cell{Text: c.texts[slot]}
	}
}

// block is how many slots a block of an order holds at most.
const block = 512

// order is slots in an order, in blocks, so that one comes or goes by moving a few.
type order struct {
	blocks [][]uint32
	less   func(a, b uint32) int
}

// find is where a slot is or would be.
func (o *order) find(compare func(slot uint32) int) (at, within int) {
	at, _ = slices.BinarySearchFunc(o.blocks, 0, func(b []uint32, _ int) int { return compare(b[len(b)-1]) })
	if at == len(o.blocks) {
		return at, 0
	}
	within, _ = slices.BinarySearchFunc(o.blocks[at], 0, func(slot uint32, _ int) int { return compare(slot) })
	return at, within
}

func (o *order) insert(slot uint32) {
	at, within := o.find(func(other uint32) int { return o.less(other, slot) })
	if at == len(o.blocks) {
		if at == 0 {
			o.blocks = [][]uint32{append(make([]uint32, 0, block), slot)}
			return
		}
		at--
		within = len(o.blocks[at])
	}
	b := o.blocks[at]
	if len(b) < block {
		o.blocks[at] = slices.Insert(b, within, slot)
		return
	}
	half := append(make([]uint32, 0, block), b[block/2:]...)
	o.blocks[at] = b[:block/2]
	o.blocks = slices.Insert(o.blocks, at+1, half)
	if within > block/2 {
		at, within = at+1, within-block/2
	}
	o.blocks[at] = slices.Insert(o.blocks[at], within, slot)
}

// remove takes a slot out, while its cells are still those by which it was put in.
func (o *order) remove(slot uint32) {
	at, within := o.find(func(other uint32) int { return o.less(other, slot) })
	if at == len(o.blocks) || within == len(o.blocks[at]) || o.blocks[at][within] != slot {
		return
	}
	if o.blocks[at] = slices.Delete(o.blocks[at], within, within+1); len(o.blocks[at]) == 0 {
		o.blocks = slices.Delete(o.blocks, at, at+1)
	}
}

// sort makes the order of many slots at once.
func (o *order) sort(slots []uint32) {
	all := slices.Clone(slots)
	slices.SortFunc(all, o.less)
	o.blocks = nil
	for part := range slices.Chunk(all, block*3/4) {
		o.blocks = append(o.blocks, append(make([]uint32, 0, block), part...))
	}
}

// walk visits slots from a place on, forwards or backwards, until visit says no. Skip is how many are left out first.
func (o *order) walk(at, within int, backwards bool, skip int, visit func(slot uint32) bool) {
	for ; at >= 0 && at < len(o.blocks); at = at + step(backwards) {
		b := o.blocks[at]
		first, left := within, len(b)-within
		if backwards {
			left = within + 1
			if within == beyond {
				first, left = len(b)-1, len(b)
			}
		}
		within = 0
		if backwards {
			within = beyond
		}
		if skip >= left {
			skip -= left
			continue
		}
		for n := skip; n < left; n++ {
			if !visit(b[first+n*step(backwards)]) {
				return
			}
		}
		skip = 0
	}
}

// beyond is a place behind the last of a block.
const beyond = -2

func step(backwards bool) int {
	if backwards {
		return -1
	}
	return 1
}

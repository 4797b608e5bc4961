package memory

import (
	"cmp"
	"slices"
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
	// Whole is the number, where it is a whole one that Number is only near to; otherwise it is 0.
	Whole int64
}

// cells are one column of all rows, by slot.
type cells struct {
	t       *Table
	kind    Kind
	words   []uint32
	numbers []float64
	// filled is how many slots have a word.
	filled int
	// whole are the numbers of slots that are not what numbers says, but near to it.
	whole map[uint32]int64
	// number is which of the row's own texts is the column's.
	number int
	// order is nil where there is none.
	order *order
}

// own says that each row has a text for itself, among its texts.
func (c *cells) own() bool {
	return c.kind == Text || c.kind == Bytes
}

// grow makes room for one more slot.
func (c *cells) grow() {
	switch c.kind {
	case Word:
		c.words = append(c.words, none)
	case Number:
		c.numbers = append(c.numbers, 0)
	}
}

// set takes over a cell. The row's own texts are taken over together.
func (c *cells) set(slot uint32, cell Cell) {
	switch c.kind {
	case Word:
		before := c.words[slot]
		c.words[slot] = c.t.words.take(cell.Text)
		c.t.words.drop(before)
		c.filled += some(c.words[slot]) - some(before)
	case Number:
		c.numbers[slot] = cell.Number
		if cell.Whole == 0 {
			delete(c.whole, slot)
			return
		}
		if c.whole == nil {
			c.whole = map[uint32]int64{}
		}
		c.whole[slot] = cell.Whole
	}
}

// some is 1 for a word that is not the empty one.
func some(number uint32) int {
	return int(min(number, 1))
}

// text is a slot's, without case.
func (c *cells) text(slot uint32) string {
	if c.kind == Word {
		return c.t.words.all[c.words[slot]].folded
	}
	return c.t.texts[slot].get(c.number)
}

// has says whether a slot has the value of a cell.
func (c *cells) has(slot uint32, cell Cell) bool {
	switch c.kind {
	case Word:
		return c.t.words.all[c.words[slot]].written == cell.Text
	case Number:
		return c.numbers[slot] == cell.Number && c.whole[slot] == cell.Whole
	default:
		return c.t.written(slot, c.number) == cell.Text
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

// value is what a slot is compared by, read once because it is held against many.
type value struct {
	number float64
	text   string
	word   uint32
}

func (c *cells) value(slot uint32) value {
	switch c.kind {
	case Number:
		return value{number: c.numbers[slot]}
	case Word:
		return value{text: c.text(slot), word: c.words[slot]}
	default:
		return value{text: c.text(slot)}
	}
}

// to compares a slot with such a value.
func (c *cells) to(slot uint32, v value) int {
	switch c.kind {
	case Number:
		return cmp.Compare(c.numbers[slot], v.number)
	case Word:
		if c.words[slot] == v.word {
			return 0
		}
	}
	return cmp.Compare(c.text(slot), v.text)
}

// against compares a slot with a value.
func (c *cells) against(slot uint32, cell Cell) int {
	switch c.kind {
	case Number:
		return cmp.Compare(c.numbers[slot], cell.Number)
	case Bytes:
		return cmp.Compare(c.text(slot), cell.Text)
	default:
		return cmp.Compare(c.text(slot), Fold(cell.Text))
	}
}

// cell is what a slot has, as it is written.
func (c *cells) cell(slot uint32) Cell {
	switch c.kind {
	case Number:
		return Cell{Number: c.numbers[slot], Whole: c.whole[slot]}
	case Word:
		return Cell{Text: c.t.words.all[c.words[slot]].written}
	default:
		return Cell{Text: c.t.written(slot, c.number)}
	}
}

// block is how many slots a block of an order holds at most.
const block = 512

// order is slots in an order, in blocks, so that one comes or goes by moving a few.
type order struct {
	blocks [][]uint32
	less   func(a, b uint32) int
	// against compares slots with one of which everything is read beforehand, because it is held against many.
	against func(slot uint32) func(other uint32) int
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
	at, within := o.find(o.against(slot))
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
	at, within := o.find(o.against(slot))
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

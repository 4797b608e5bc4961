package memory

import "bytes"

// haystack is the searched texts of the slots of a bale, one behind the other, so that a text is looked for in all of them at once:
// going through memory in one line is many times cheaper than a look at each row.
type haystack struct {
	text []byte
	// ends are where the text of each slot ends.
	ends [bale]uint32
	// runs are those of the texts, and of some that were there before: puts counts the changes since they were gathered.
	runs trigrams
	puts int
}

// end stands behind each text, so that nothing is found that begins in one and ends in the next. No text that is looked
// for has it.
const end = 0

// put has a slot's texts be these, of which each has its length before it.
func (h *haystack) put(slot int, all texts, count int) {
	from := uint32(0)
	if slot > 0 {
		from = h.ends[slot-1]
	}
	before := h.ends[slot]
	// What is new is written behind the last, and then exchanged for what was there.
	old := len(h.text)
	for range count {
		length, behind := all.first()
		if length > 0 {
			h.text = append(append(h.text, behind[:length]...), end)
		}
		all = behind[length:]
	}
	added := h.text[old:]
	if bytes.Equal(added, h.text[from:before]) {
		h.text = h.text[:old]
		return
	}
	h.runs.add(added)
	moved := len(added) - int(before-from)
	if int(before) != old {
		rest := append(bytes.Clone(added), h.text[before:old]...)
		h.text = append(h.text[:from], rest...)
	} else {
		h.text = h.text[:int(from)+copy(h.text[from:], added)]
	}
	for i := slot; i < bale; i++ {
		h.ends[i] = uint32(int(h.ends[i]) + moved) //nolint:gosec // what rows hold of a text is bounded
	}
	if h.puts++; h.puts > 2*bale {
		h.puts, h.runs = 0, trigrams{}
		h.runs.add(h.text)
	}
}

// find says in which slots a text stands, a bit for each.
func (h *haystack) find(text []byte) (found uint64) {
	if !h.runs.may(text) {
		return 0
	}
	slot := 0
	for from := 0; ; {
		at := bytes.Index(h.text[from:], text)
		if at < 0 {
			return found
		}
		for int(h.ends[slot]) <= from+at {
			slot++
		}
		found |= 1 << slot
		from = int(h.ends[slot])
	}
}

// stack puts a slot's texts into its haystack.
func (t *Table) stack(slot uint32) {
	number := int(slot / bale)
	for len(t.haystacks) <= number {
		t.haystacks = append(t.haystacks, &haystack{})
	}
	t.haystacks[number].put(int(slot%bale), t.texts[slot], t.searched)
}

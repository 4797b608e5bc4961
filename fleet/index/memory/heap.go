package memory

// heap keeps the first few of many slots, the last of them on top.
type heap struct {
	slots   []uint32
	compare func(a, b uint32) int
}

// offer takes a slot, if it is among the first so many.
func (h *heap) offer(slot uint32, most int) {
	if len(h.slots) < most {
		h.slots = append(h.slots, slot)
		for at := len(h.slots) - 1; at > 0; {
			above := (at - 1) / 2
			if h.compare(h.slots[above], h.slots[at]) >= 0 {
				return
			}
			h.slots[above], h.slots[at] = h.slots[at], h.slots[above]
			at = above
		}
		return
	}
	if h.compare(slot, h.slots[0]) >= 0 {
		return
	}
	h.slots[0] = slot
	for at := 0; ; {
		below := 2*at + 1
		if below+1 < len(h.slots) && h.compare(h.slots[below+1], h.slots[below]) > 0 {
			below++
		}
		if below >= len(h.slots) || h.compare(h.slots[at], h.slots[below]) >= 0 {
			return
		}
		h.slots[at], h.slots[below] = h.slots[below], h.slots[at]
		at = below
	}
}

package memory

// trigrams are which runs of three bytes may stand in a text, a bit for many of them. A text that is looked for can be nowhere
// that one of its runs is not, which is found out without going through anything.
type trigrams [1024]byte

// bit is where the bit of a run is.
func bit(a, b, c byte) (at int, mask byte) {
	hash := (uint32(a) | uint32(b)<<8 | uint32(c)<<16) * 2654435761 >> 19
	return int(hash >> 3), 1 << (hash & 7)
}

// add notes the runs of a text.
func (g *trigrams) add(text []byte) {
	for i := 2; i < len(text); i++ {
		at, mask := bit(text[i-2], text[i-1], text[i])
		g[at] |= mask
	}
}

// may says whether all runs of a text may stand there.
func (g *trigrams) may(text []byte) bool {
	for i := 2; i < len(text); i++ {
		if at, mask := bit(text[i-2], text[i-1], text[i]); g[at]&mask == 0 {
			return false
		}
	}
	return true
}

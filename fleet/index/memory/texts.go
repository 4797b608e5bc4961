package memory

import (
	"encoding/binary"
	"slices"
)

// texts are the texts that a row has for itself, in one string: the length of each before it. One string costs a row less
// than a string for each column does.
type texts string

// get is the text of a number.
func (t texts) get(number int) string {
	for {
		length, rest := t.first()
		if number == 0 {
			return string(rest[:length])
		}
		t = rest[length:]
		number--
	}
}

// first is the length of the first text, and what is behind it.
func (t texts) first() (int, texts) {
	length, shift := 0, 0
	for i := range len(t) {
		length |= int(t[i]&0x7f) << shift
		if t[i] < 0x80 {
			return length, t[i+1:]
		}
		shift += 7
	}
	return 0, ""
}

// pack puts the texts of a row together, without case as they are compared, and once more as they are written, if that
// is not the same.
func (t *Table) pack(row Row) (folded, written texts) {
	plain := true
	t.packed, t.packedWritten = t.packed[:0], t.packedWritten[:0]
	for _, i := range t.own {
		text := row.cell(i).Text
		without := text
		if t.columns[i].kind == Text {
			without = Fold(text)
		}
		plain = plain && without == text
		t.packed = append(binary.AppendUvarint(t.packed, uint64(len(without))), without...)
		t.packedWritten = append(binary.AppendUvarint(t.packedWritten, uint64(len(text))), text...)
	}
	if plain {
		return texts(t.packed), ""
	}
	return texts(t.packed), texts(slices.Clone(t.packedWritten))
}

// written is a text of a slot as it is written.
func (t *Table) written(slot uint32, number int) string {
	if as, ok := t.cased[slot]; ok {
		return as.get(number)
	}
	return t.texts[slot].get(number)
}

// name is a slot's name as it is written.
func (t *Table) name(slot uint32) string {
	return t.written(slot, t.columns[Name].number)
}

package serve

import (
	"strconv"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// picture is what one subscriber sees of a row after a change. Nobody else's is made of it; the press knows by its fields
// who else sees the same.
type picture struct {
	store    *store
	key      index.Key
	revision int64
	// removed says that the row is not there any more, or not for the subscriber: nothing but its address is told.
	removed bool
	// hidden is what the subscriber's rights do not show of it.
	hidden hiding
	// wanted are the fields that he asked for.
	wanted *fields
	site   index.Site
	// document is the whole row.
	document []byte
}

// hiding is a set of guards of a type, by their places, that keep from somebody what they guard.
type hiding uint64

// hides says which guards keep something of a row from somebody. Among the guards are those alone that may.
func (s *store) hides(who rights.User, guards []index.Guard, key index.Key) hiding {
	var hidden hiding
	if len(guards) == 0 {
		return hidden
	}
	for i, guard := range s.t.Guards {
		if among(guards, guard) && !s.access.sees(who, guard, key) {
			hidden |= 1 << i
		}
	}
	return hidden
}

func among(guards []index.Guard, guard index.Guard) bool {
	for i := range guards {
		if guards[i].Right == guard.Right {
			return true
		}
	}
	return false
}

// without takes from a row what is hidden.
func (s *store) without(hidden hiding, document []byte) []byte {
	for i := range s.kept {
		if hidden&(1<<i) != 0 {
			document = s.kept[i].Cut(document)
		}
	}
	return document
}

// appendTo writes the message of a row as Steve writes it, around the row's text.
func (m *message) appendTo(text, row []byte) []byte {
	text = append(text, `{"name":"`...)
	text = append(text, m.Name...)
	text = append(text, '"')
	text = append(text, m.about...)
	text = append(text, `,"revision":"`...)
	text = strconv.AppendInt(text, m.seen.revision, 10)
	text = append(text, `","data":`...)
	text = append(text, row...)
	if m.Cursor != "" {
		text = append(text, `,"cursor":"`...)
		text = append(text, m.Cursor...)
		text = append(text, '"')
	}
	return append(text, '}')
}

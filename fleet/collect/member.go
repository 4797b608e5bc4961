package collect

import "bytes"

// member is the value of a field of an object that is known to be JSON, nil where there is none. Of several with one name
// it is the last. To read all of an object only for its name would cost more than everything else that is done with it.
func member(object []byte, name string) []byte {
	var found []byte
	members(object, func(key, value []byte) {
		if string(key) == name {
			found = value
		}
	})
	return found
}

// members visits the fields of an object, with their names as they are written.
func members(object []byte, visit func(key, value []byte)) {
	at := blank(object, 0)
	if at >= len(object) || object[at] != '{' {
		return
	}
	for at++; at < len(object); at++ {
		at = blank(object, at)
		end := text(object, at)
		if end < 0 {
			return
		}
		key := object[at+1 : end-1]
		if at = blank(object, blank(object, end)+1); at >= len(object) { // behind the colon
			return
		}
		end = value(object, at)
		visit(key, object[at:end])
		at = blank(object, end) // a comma, or the end
	}
}

// blank is the next place that is not blank.
func blank(object []byte, at int) int {
	for at < len(object) && (object[at] == ' ' || object[at] == '\n' || object[at] == '\t' || object[at] == '\r') {
		at++
	}
	return at
}

// text is behind the text that begins at a place, -1 where none does.
func text(object []byte, at int) int {
	if at >= len(object) || object[at] != '"' {
		return -1
	}
	for at++; at < len(object); {
		quote := bytes.IndexByte(object[at:], '"')
		if quote < 0 {
			return -1
		}
		// Each stretch is looked at once, however many escapes there are in it.
		for quote += at; at <= quote; {
			escape := bytes.IndexByte(object[at:quote], '\\')
			if escape < 0 {
				return quote + 1
			}
			at += escape + 2
		}
	}
	return -1
}

// value is behind the value that begins at a place.
func value(object []byte, at int) int {
	deep := 0
	for at < len(object) {
		switch object[at] {
		case '"':
			if at = text(object, at); at < 0 {
				return len(object)
			}
			if deep == 0 {
				return at
			}
			continue
		case '{', '[':
			deep++
		case '}', ']':
			if deep == 0 {
				return at // of a number or a word, before the end of the object around it
			}
			if deep--; deep == 0 {
				return at + 1
			}
		case ',':
			if deep == 0 {
				return at
			}
		}
		at++
	}
	return len(object)
}

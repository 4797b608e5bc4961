package decode

import "bytes"

// behind is the place behind the value that begins at a place, -1 where the text ends before.
func behind(text []byte, at int) int {
	deep := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			if at = behindText(text, at); at < 0 || deep == 0 {
				return at
			}
			continue
		case '{', '[':
			deep++
		case '}', ']':
			if deep--; deep == 0 {
				return at + 1
			}
			if deep < 0 {
				return -1
			}
		default:
			if deep == 0 {
				return behindWord(text, at)
			}
		}
		at++
	}
	return -1
}

// behindWord is the place behind a number, true, false or null.
func behindWord(text []byte, at int) int {
	begun := at
	for at < len(text) && ('0' <= text[at] && text[at] <= '9' || 'a' <= text[at] && text[at] <= 'z' || text[at] == '-' || text[at] == '+' || text[at] == '.' || text[at] == 'E') {
		at++
	}
	if at == begun {
		return -1
	}
	return at
}

// behindText is the place behind the text that begins at a place, -1 where none does.
func behindText(text []byte, at int) int {
	if at >= len(text) || text[at] != '"' {
		return -1
	}
	for at++; at < len(text); {
		quote := bytes.IndexByte(text[at:], '"')
		if quote < 0 {
			return -1
		}
		// Each stretch is looked at once, however many escapes there are in it.
		for quote += at; at <= quote; {
			escape := bytes.IndexByte(text[at:quote], '\\')
			if escape < 0 {
				return quote + 1
			}
			at += escape + 2
		}
	}
	return -1
}

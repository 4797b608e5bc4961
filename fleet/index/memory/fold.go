package memory

import "strings"

// Fold takes the case of ASCII letters from a text, as SQLite's NOCASE and LIKE do.
func Fold(text string) string {
	for i := range len(text) {
		if c := text[i]; 'A' <= c && c <= 'Z' {
			return folded(text)
		}
	}
	return text
}

func folded(text string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, text)
}

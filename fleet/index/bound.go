package index

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// The bounds of what a row holds of one thing, whatever a site says.
const (
	// longestName is the most bytes of a name; no name in Kubernetes has more.
	longestName = 253
	// longestSentence is the most bytes of a sentence.
	longestSentence = 4 * longestName
	// mostAddresses is the most addresses of a row.
	mostAddresses = 16
	// mostWords is the most words of a list.
	mostWords = 16
)

// Short bounds a name or a word.
func Short[T ~string](text T) T {
	return T(bound(string(text), longestName))
}

// Long bounds a sentence.
func Long(text string) string {
	return bound(text, longestSentence)
}

// IPs are the addresses among texts, each once and without a zone, which means something on the machine itself alone.
// Those that hold on one link alone are left out, and so is what is no address.
func IPs(texts []string) []string {
	var kept []string
	for _, text := range texts {
		address, err := netip.ParseAddr(text)
		address = address.WithZone("")
		if err != nil || address.IsLinkLocalUnicast() || len(kept) == mostAddresses {
			continue
		}
		if text = address.String(); !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	return kept
}

// List is words in order, each once. What holds a space is none, and is left out.
func List(words []string) []string {
	var kept []string
	if len(words) > 1 {
		words = slices.Clone(words)
		slices.Sort(words)
		words = slices.Compact(words)
	}
	for _, word := range words {
		if len(kept) == mostWords {
			break
		}
		if word = Short(word); word != "" && !strings.ContainsFunc(word, unicode.IsSpace) {
			kept = append(kept, word)
		}
	}
	return kept
}

func bound(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

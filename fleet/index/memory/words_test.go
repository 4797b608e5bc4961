package memory

import (
	"strings"
	"testing"
)

// TestWords holds that a word is there as long as a row has it, and that its number then goes to another.
func TestWords(t *testing.T) {
	w := newWords()
	first, again, other := w.take("Running"), w.take("Running"), w.take("Stopped")
	if first != again || first == other || first == none || w.take("") != none {
		t.Fatalf("the numbers are %d, %d and %d", first, again, other)
	}
	seen := asked{is: func(text string) bool { return text == "running" }}
	holds := func(number uint32) bool { return seen.holds(seen.about(w), number) }
	if !holds(first) || holds(other) || !holds(first) {
		t.Error("a word is compared without case")
	}
	w.drop(first)
	if w.all[first].written != "Running" {
		t.Error("a row still has it")
	}
	w.drop(again)
	if next := w.take("Paused"); next != first || holds(next) {
		t.Errorf("the number %d is free for the next word, of which nothing is known yet; it has %d", first, next)
	}
	if len(w.known) != 2 {
		t.Errorf("%d words are known", len(w.known))
	}
}

// TestTexts takes apart what was put together, texts without anything and of any length among them.
func TestTexts(t *testing.T) {
	table := New(nil, Column{Kind: Text}, Column{Kind: Word, Searched: true}, Column{Kind: Text, Searched: true}, Column{Kind: Bytes})
	long := strings.Repeat("Long ", 5000)
	cases := map[string]struct {
		reason string
		row    Row
		cased  bool
	}{
		"Plain": {"lower case alone is kept once", Row{Name: "web", UID: "u-1", Cells: []Cell{{Text: "a"}, {Text: "Word"}, {Text: ""}, {Text: "\x00A"}}}, false},
		"Cased": {"case is kept beside", Row{Name: "web", UID: "U-1", Cells: []Cell{{Text: ""}, {}, {Text: "Note"}, {}}}, true},
		"Long":  {"a length of several bytes", Row{Name: "web", UID: "", Cells: []Cell{{Text: long}, {}, {Text: long + "2"}, {Text: "z"}}}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			folded, written := table.pack(tc.row)
			if (written != "") != tc.cased {
				t.Errorf("%s: beside stands %.40q", tc.reason, written)
			}
			for number, column := range table.own {
				want := tc.row.cell(column).Text
				if tc.cased && written.get(number) != want {
					t.Errorf("%s: text %d is written %.40q", tc.reason, number, written.get(number))
				}
				if table.columns[column].kind == Text {
					want = Fold(want)
				}
				if got := folded.get(number); got != want {
					t.Errorf("%s: text %d is %.40q, not %.40q", tc.reason, number, got, want)
				}
			}
		})
	}
}

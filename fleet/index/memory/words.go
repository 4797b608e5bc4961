package memory

import "strings"

// words keeps each text once that many rows have, as long as one of them has it. A row has its number.
type words struct {
	all   []word
	known map[string]uint32
	free  []uint32
	// changes counts the words that have come, so that what was found out about numbers is known to be old.
	changes int
}

// word is a text as it is written, and without case.
type word struct {
	written, folded string
	rows            int
}

// none is the number of the empty word.
const none = 0

func newWords() *words {
	return &words{all: make([]word, 1), known: map[string]uint32{}}
}

// take gives the number of a word to one more row.
func (w *words) take(text string) uint32 {
	if text == "" {
		return none
	}
	number, ok := w.known[text]
	if !ok {
		number = w.number()
		text = strings.Clone(text)
		w.all[number], w.known[text] = word{written: text, folded: Fold(text)}, number
		w.changes++
	}
	w.all[number].rows++
	return number
}

// number is one that no word has.
func (w *words) number() uint32 {
	if last := len(w.free) - 1; last >= 0 {
		number := w.free[last]
		w.free = w.free[:last]
		return number
	}
	w.all = append(w.all, word{})
	return uint32(len(w.all) - 1) //nolint:gosec // as many as rows have cells and labels at most
}

// drop takes the number of a word from a row.
func (w *words) drop(number uint32) {
	if number == none {
		return
	}
	if w.all[number].rows--; w.all[number].rows == 0 {
		delete(w.known, w.all[number].written)
		w.all[number] = word{}
		w.free = append(w.free, number)
	}
}

// asked remembers of words whether something holds, because many rows have the same ones.
type asked struct {
	// is says it of a word: without case, or as it is written.
	is      func(text string) bool
	written bool

	of      *words
	changes int
	answers []answer
	// all says that all words have been asked, if they are few, and none that it holds of none of them.
	all, none bool
}

// answer is what is known of a word.
type answer byte

const (
	unknown answer = iota
	no
	yes
)

// about is what is known of the words as they are now, by number.
func (a *asked) about(of *words) []answer {
	if a.of != of || a.changes != of.changes {
		*a = asked{is: a.is, written: a.written, of: of, changes: of.changes, answers: make([]answer, len(of.all))}
	}
	return a.answers
}

// holds says it of the word of a number.
func (a *asked) holds(answers []answer, number uint32) bool {
	known := answers[number]
	if known == unknown {
		known = a.ask(int(number))
	}
	return known == yes
}

// nowhere says that it holds of no word. Of few words all are asked, until it holds of one.
func (a *asked) nowhere() bool {
	if a.all {
		return a.none
	}
	a.all, a.none = true, len(a.answers) <= fewWords
	for number := 0; number < len(a.answers) && a.none; number++ {
		a.none = a.ask(number) == no
	}
	return a.none
}

// fewWords are so many that all of them are looked at sooner than every row.
const fewWords = 10_000

// ask finds out about a word.
func (a *asked) ask(number int) answer {
	text := a.of.all[number].folded
	if a.written {
		text = a.of.all[number].written
	}
	a.answers[number] = no
	if a.is(text) {
		a.answers[number] = yes
	}
	return a.answers[number]
}

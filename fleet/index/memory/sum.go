package memory

// Value is what a row is counted under, if it is counted.
type Value func(t *Table, slot uint32) (string, bool)

// TextOf is a column's text. Of the column of sites it is the site's id.
func TextOf(column int) Value {
	return func(t *Table, slot uint32) (string, bool) { return t.value(slot, column), true }
}

// NumberOf is a column's number as it is written.
func NumberOf(column int, written func(number float64) string) Value {
	return func(t *Table, slot uint32) (string, bool) { return written(t.columns[column].numbers[slot]), true }
}

// LabelOf is the word of a label. A row without the label is not counted.
func LabelOf(key string) Value {
	return func(t *Table, slot uint32) (string, bool) {
		number, known := t.words.known[key]
		word, has := t.label(slot, number)
		return t.words.all[word].written, known && has
	}
}

// Same is one value for all rows.
func Same(value string) Value {
	return func(*Table, uint32) (string, bool) { return value, true }
}

// Sum counts rows by a value and by namespace. Of more values than the most it gives up.
func (t *Table) Sum(q Query, of Value, most int) (map[string]map[string]int, bool) {
	t.lock.RLock()
	defer t.lock.RUnlock()
	s := selection{t: t, q: q}
	s.look()
	sums := map[string]map[string]int{}
	for slot := range s.all() {
		value, ok := of(t, slot)
		if !ok {
			continue
		}
		if sums[value] == nil {
			if len(sums) == most {
				return nil, false
			}
			sums[value] = map[string]int{}
		}
		sums[value][t.known[t.places[slot]].namespace]++
	}
	return sums, true
}

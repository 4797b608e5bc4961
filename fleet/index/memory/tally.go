package memory

import "slices"

// Tally is how many rows have some values.
type Tally struct {
	// Values are the cells of the columns by which is counted; the column Site gives the site's id.
	Values []string
	// Count is how many.
	Count int
	// Sums are those of other columns.
	Sums []float64
}

// Count counts rows by the values of columns, and adds up others. Columns of numbers cannot be counted by.
func (t *Table) Count(q Query, by, sums []int) []Tally {
	t.lock.RLock()
	defer t.lock.RUnlock()
	s := selection{t: t, q: q}
	s.look()
	tallies, all := map[[4]string]int{}, []Tally{}
	for slot := range s.all() {
		var values [4]string
		for i, column := range by {
			values[i] = t.value(slot, column)
		}
		at, known := tallies[values]
		if !known {
			at = len(all)
			tallies[values] = at
			all = append(all, Tally{Values: slices.Clone(values[:len(by)]), Sums: make([]float64, len(sums))})
		}
		all[at].Count++
		for i, column := range sums {
			all[at].Sums[i] += t.columns[column].numbers[slot]
		}
	}
	slices.SortFunc(all, func(a, b Tally) int { return slices.Compare(a.Values, b.Values) })
	return all
}

// value is what stands in a tally.
func (t *Table) value(slot uint32, column int) string {
	if column == Site {
		return t.known[t.places[slot]].site
	}
	return t.columns[column].cell(slot).Text
}

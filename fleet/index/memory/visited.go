package memory

// Visited is a row that is looked at.
type Visited struct {
	// Site, Namespace and Name are the row's address.
	Site, Namespace, Name string

	t    *Table
	slot uint32
}

// visited is the row of a slot.
func (t *Table) visited(slot uint32) Visited {
	where := t.known[t.places[slot]]
	return Visited{Site: where.site, Namespace: where.namespace, Name: t.name(slot), t: t, slot: slot}
}

// Text is what the row has in a column, without case.
func (v Visited) Text(column int) string {
	return v.t.columns[column].text(v.slot)
}

// Cell is what the row has in a column, as it is written.
func (v Visited) Cell(column int) Cell {
	return v.t.columns[column].cell(v.slot)
}

// Beside is what is kept for being shown alone.
func (v Visited) Beside() string {
	return v.t.beside[v.slot]
}

// Labels are the row's, in the order of their keys.
func (v Visited) Labels(visit func(key, word string) bool) {
	for _, each := range v.t.labels[v.slot] {
		if !visit(v.t.words.all[each.key].written, v.t.words.all[each.word].written) {
			return
		}
	}
}

// ID is the row's number.
func (v Visited) ID() int64 {
	return v.t.ids[v.slot]
}

// shown is a row without cells and labels.
func (t *Table) shown(slot uint32) Row {
	v := t.visited(slot)
	return Row{ID: t.ids[slot], Revision: t.revisions[slot], Site: v.Site, Namespace: v.Namespace, Name: v.Name, Document: t.show(nil, v)}
}

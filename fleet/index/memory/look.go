package memory

// Look says how rows stand to a query, by their ids: whether they are inside. Those that are not there are left out.
func (t *Table) Look(q Query, ids []int64, visit func(row Row, inside bool)) {
	t.lock.RLock()
	defer t.lock.RUnlock()
	for _, id := range ids {
		if slot, ok := t.slots[id]; ok {
			visit(t.standing(&q, slot))
		}
	}
}

// standing is how the row of a slot stands to a query. One that is outside is not shown.
func (t *Table) standing(q *Query, slot uint32) (row Row, inside bool) {
	if inside = t.has(q, slot); inside {
		return t.shown(slot), true
	}
	v := t.visited(slot)
	return Row{ID: t.ids[slot], Revision: t.revisions[slot], Site: v.Site, Namespace: v.Namespace, Name: v.Name}, false
}

// Members gives the ids of all rows of a query.
func (t *Table) Members(q Query, visit func(id int64)) {
	t.lock.RLock()
	defer t.lock.RUnlock()
	s := selection{t: t, q: q}
	s.look()
	for slot := range s.all() {
		visit(t.ids[slot])
	}
}

// Since says how the rows of a scope that have changed after a revision stand to the query.
func (t *Table) Since(q Query, revision int64, visit func(row Row, inside bool)) {
	t.lock.RLock()
	defer t.lock.RUnlock()
	scope := Query{Scope: q.Scope}
	for slot, changed := range t.revisions {
		slot := uint32(slot) //nolint:gosec // a slot
		if changed > revision && t.ids[slot] != 0 && t.has(&scope, slot) {
			visit(t.standing(&q, slot))
		}
	}
}

// has says whether a query has the row of a slot.
func (t *Table) has(q *Query, slot uint32) bool {
	where := t.known[t.places[slot]]
	whole, part := q.Scope.Whole(where.site, where.namespace)
	if !whole && (!part || !q.Scope.Named(where.site, where.namespace, t.name(slot))) {
		return false
	}
	if q.Search != nil && !q.Search.row(t, slot) {
		return false
	}
	for _, test := range q.Tests {
		if !test.row(t, slot) {
			return false
		}
	}
	return true
}

// Each looks at every row and visits those that are wanted.
func (t *Table) Each(wanted func(Visited) bool, visit func(Visited)) {
	t.lock.RLock()
	defer t.lock.RUnlock()
	for slot := range t.ids {
		if t.ids[slot] == 0 {
			continue
		}
		row := t.visited(uint32(slot)) //nolint:gosec // a slot
		if wanted(row) {
			visit(row)
		}
	}
}

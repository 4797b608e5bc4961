package index

import "crofthci.io/croft/fleet/index/memory"

// Standing is how one row stands to a query.
type Standing struct {
	// Key and Row are the row's address and number.
	Key Key
	Row int64
	// Revision is the number of the row's last change.
	Revision int64
	// Inside says that the query has the row.
	Inside bool
	// Gone says that the row has been removed since.
	Gone bool
	// Document is the row as it is shown, nil if it is not inside.
	Document []byte
}

// Sight is a query made ready for being asked about single rows, again and again, whatever its page. The projects of
// namespaces are those of when it was made.
type Sight struct {
	t     *Type
	table *memory.Table
	scope sights
	query memory.Query
}

// Sight makes a query ready.
func (x *Index) Sight(q Query) (*Sight, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	table, err := x.table(q.Type)
	if err != nil {
		return nil, err
	}
	tests, err := x.tests(&q)
	if err != nil {
		return nil, err
	}
	scope := q.Scope.sights()
	return &Sight{t: q.Type, table: table, scope: scope, query: memory.Query{Scope: scope, Search: q.searched(), Tests: tests}}, nil
}

// Has says whether the scope has a row of that address, if there is one.
func (s *Sight) Has(key Key) bool {
	whole, part := s.scope.Whole(key.Site, key.Namespace)
	return whole || part && s.scope.Named(key.Site, key.Namespace, key.Name)
}

// Look says how rows stand to the query now, by their numbers. Those that are not there are left out.
func (s *Sight) Look(rows []int64) map[int64]Standing {
	all := make(map[int64]Standing, len(rows))
	s.table.Look(s.query, rows, func(row memory.Row, inside bool) { all[row.ID] = standingOf(row, inside) })
	return all
}

// Members gives the numbers of all rows that the query has.
func (s *Sight) Members(visit func(row int64)) {
	s.table.Members(s.query, visit)
}

// since is the rows in the scope that have changed after a revision.
func (s *Sight) since(revision int64) []Standing {
	var all []Standing
	s.table.Since(s.query, revision, func(row memory.Row, inside bool) { all = append(all, standingOf(row, inside)) })
	return all
}

func standingOf(row memory.Row, inside bool) Standing {
	standing := Standing{Key: Key{Site: row.Site, Namespace: row.Namespace, Name: row.Name}, Row: row.ID, Revision: row.Revision, Inside: inside}
	if inside {
		standing.Document = row.Document
	}
	return standing
}

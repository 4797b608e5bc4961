package serve

import (
	"net/url"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// view is what somebody sees of one type with one query, by his rights as they are now.
type view struct {
	// sites are those that he may know of.
	sites []index.Site
	// query has his scope, and nothing of what is hidden from him.
	query index.Query
	// hidden are the guards that keep something from him.
	hidden []index.Guard
	// guarded are the scopes of the type's guards: where he sees what each keeps, in lists and, if that is not everywhere, in
	// single rows.
	guarded []index.Scope
	// narrow says that the query has fewer rows than the scope.
	narrow bool
}

// view is what a user sees with a query as it stands in an address.
func (s *store) view(who rights.User, asked url.Values) (*view, error) {
	query, err := index.Parse(s.t, asked)
	if err != nil {
		return nil, err
	}
	v := &view{sites: s.access.Visible(who), query: query}
	v.query.Scope = s.access.Scope(who, s.t, v.sites)
	for _, guard := range s.t.Guards {
		may := s.access.guarded(who, guard, v.sites)
		v.guarded = append(v.guarded, may)
		if !may.Covers(v.query.Scope) {
			v.hidden = append(v.hidden, guard)
			v.query.Hide(guard)
			// In single rows he sees it also by the right to get what it guards.
			v.guarded = append(v.guarded, s.access.got(who, guard, v.sites))
		}
	}
	for _, name := range printed {
		for _, value := range asked[name] {
			v.narrow = v.narrow || value != ""
		}
	}
	return v, nil
}

// only leaves in the view's scope what a subscription is about that names one row or one namespace.
func (v *view) only(ask *Subscribe) {
	if ask.Namespace != "" {
		v.query.Scope = v.query.Scope.Only(ask.Namespace)
	}
	if ask.ID == "" {
		return
	}
	key, ok := parseKey(ask.ID)
	one := index.Scope{Names: [][3]string{{key.Site, key.Namespace, key.Name}}}
	if !ok || !v.query.Scope.Covers(one) {
		one = index.Scope{}
	}
	v.query.Scope = one
}

// ofProjects says that which rows there are depends on the namespaces' projects too.
func ofProjects(asked url.Values) bool {
	return asked.Get("projectsornamespaces") != "" || asked.Get("projectsornamespaces!") != ""
}

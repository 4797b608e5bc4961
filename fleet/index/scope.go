package index

// Scope is what a caller may see: whole sites, namespaces of sites, and single objects. It becomes part of the query, so
// that a page is never read and then thinned out.
type Scope struct {
	// Sites are those in which every row may be seen.
	Sites []string
	// Namespaces are pairs of site and namespace.
	Namespaces [][2]string
	// Names are triples of site, namespace and name.
	Names [][3]string
	// Anywhere are pairs of site and name, for objects of that name in any namespace.
	Anywhere [][2]string
}

// Empty says that the scope shows nothing.
func (s Scope) Empty() bool {
	return len(s.Sites) == 0 && len(s.Namespaces) == 0 && len(s.Names) == 0 && len(s.Anywhere) == 0
}

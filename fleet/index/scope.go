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

// Covers says whether everything that another scope shows is shown by this one.
func (s Scope) Covers(other Scope) bool {
	sites, namespaces, names, anywhere := setOf(s.Sites), setOf(s.Namespaces), setOf(s.Names), setOf(s.Anywhere)
	inSite := func(site string) bool { _, ok := sites[site]; return ok }
	inNamespace := func(site, namespace string) bool {
		_, ok := namespaces[[2]string{site, namespace}]
		return ok || inSite(site)
	}
	byName := func(site, name string) bool { _, ok := anywhere[[2]string{site, name}]; return ok || inSite(site) }
	for _, site := range other.Sites {
		if !inSite(site) {
			return false
		}
	}
	for _, pair := range other.Namespaces {
		if !inNamespace(pair[0], pair[1]) {
			return false
		}
	}
	for _, triple := range other.Names {
		if _, ok := names[triple]; !ok && !inNamespace(triple[0], triple[1]) && !byName(triple[0], triple[2]) {
			return false
		}
	}
	for _, pair := range other.Anywhere {
		if !byName(pair[0], pair[1]) {
			return false
		}
	}
	return true
}

// Only is what a scope shows of one namespace, at whatever site, or little more.
func (s Scope) Only(namespace string) Scope {
	only := Scope{Anywhere: s.Anywhere}
	for _, site := range s.Sites {
		only.Namespaces = append(only.Namespaces, [2]string{site, namespace})
	}
	for _, pair := range s.Namespaces {
		if pair[1] == namespace {
			only.Namespaces = append(only.Namespaces, pair)
		}
	}
	for _, triple := range s.Names {
		if triple[1] == namespace {
			only.Names = append(only.Names, triple)
		}
	}
	return only
}

func setOf[T comparable](values []T) map[T]struct{} {
	set := make(map[T]struct{}, len(values))
	for _, value := range values {
		set[value] = struct{}{}
	}
	return set
}

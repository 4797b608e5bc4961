package serve

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/pkg/rancher/management"
)

// clusters is what a user must be allowed to get in the hub to know of a site at all, as in Rancher.
var clusters = schema.GroupResource{Group: management.GroupVersion.Group, Resource: "clusters"}

// Access says who may see what.
type Access struct {
	// Hub is the name under which the hub's own RBAC is in the book.
	Hub string
	// Book is everybody's RBAC.
	Book *rights.Book
	// Index knows the sites.
	Index *index.Index
	// Sites is the type of the rows that are sites; who may know of a site may see its row.
	Sites *index.Type
	// Groups are what Rancher keeps of a user's groups, for questions about somebody who does not ask himself. It may be nil.
	Groups func(ctx context.Context, user string) ([]string, error)
}

// userOf is somebody in the words of package rights.
func userOf(info user.Info) rights.User {
	return rights.User{Name: info.GetName(), Groups: info.GetGroups()}
}

// Visible are the sites that a user may know of.
func (a *Access) Visible(who rights.User) []index.Site {
	grant := a.Book.Listed(a.Hub, who, clusters)
	var visible []index.Site
	for _, site := range a.Index.Sites() {
		if grant.All || slices.Contains(grant.Anywhere, site.ID) {
			visible = append(visible, site)
		}
	}
	return visible
}

// knows says whether a user may know of a site.
func (a *Access) knows(who rights.User, site string) bool {
	grant := a.Book.Got(a.Hub, who, clusters)
	return grant.All || slices.Contains(grant.Anywhere, site)
}

// reaches says whether a row is at a site that a user may know of, or in the hub if it is of a kind that is the hub's own.
func (a *Access) reaches(who rights.User, t *index.Type, key index.Key) bool {
	if t.OfHub {
		return key.Site == a.Hub
	}
	return a.knows(who, key.Site)
}

// Scope is what a user may find in lists of a type, at the sites given.
func (a *Access) Scope(who rights.User, t *index.Type, sites []index.Site) index.Scope {
	if t.OfHub {
		sites = []index.Site{{ID: a.Hub}}
	}
	return scopeOf(sites, func(site string) rights.Grant { return a.granted(who, t, site) })
}

// Hidden are the guards of a type that keep from a user a part of what a scope shows.
func (a *Access) Hidden(who rights.User, t *index.Type, sites []index.Site, scope index.Scope) []index.Guard {
	var hidden []index.Guard
	for _, guard := range t.Guards {
		if !a.guarded(who, guard, sites).Covers(scope) {
			hidden = append(hidden, guard)
		}
	}
	return hidden
}

// guarded is where a user sees what a guard keeps from others.
func (a *Access) guarded(who rights.User, guard index.Guard, sites []index.Site) index.Scope {
	return scopeOf(sites, func(site string) rights.Grant { return a.Book.Listed(site, who, guard.Right) })
}

// got is where a user sees it in rows that he may see otherwise.
func (a *Access) got(who rights.User, guard index.Guard, sites []index.Site) index.Scope {
	return scopeOf(sites, func(site string) rights.Grant { return a.Book.Got(site, who, guard.Right) })
}

// sees says whether a user may see what a guard keeps of a row.
func (a *Access) sees(who rights.User, guard index.Guard, key index.Key) bool {
	return a.Book.Listed(key.Site, who, guard.Right).Covers(key.Namespace, key.Name) ||
		a.Book.Got(key.Site, who, guard.Right).Covers(key.Namespace, key.Name)
}

func scopeOf(sites []index.Site, granted func(site string) rights.Grant) index.Scope {
	var scope index.Scope
	for _, site := range sites {
		grant := granted(site.ID)
		if grant.All {
			scope.Sites = append(scope.Sites, site.ID)
			continue
		}
		for _, namespace := range grant.Namespaces {
			scope.Namespaces = append(scope.Namespaces, [2]string{site.ID, namespace})
		}
		for _, name := range grant.Names {
			scope.Names = append(scope.Names, [3]string{site.ID, name[0], name[1]})
		}
		for _, name := range grant.Anywhere {
			scope.Anywhere = append(scope.Anywhere, [2]string{site.ID, name})
		}
	}
	return scope
}

// granted is what a user may find at one site that he knows of.
func (a *Access) granted(who rights.User, t *index.Type, site string) rights.Grant {
	if t == a.Sites {
		return rights.Grant{All: true}
	}
	return a.Book.Listed(site, who, t.Right())
}

// Finds says whether a row is among those that a user finds in lists.
func (a *Access) Finds(who rights.User, t *index.Type, key index.Key) bool {
	return a.reaches(who, t, key) && a.granted(who, t, key.Site).Covers(key.Namespace, key.Name)
}

// Gets says whether a user may read a row whose name he knows.
func (a *Access) Gets(who rights.User, t *index.Type, key index.Key) bool {
	if !a.reaches(who, t, key) {
		return false
	}
	if t == a.Sites {
		return true
	}
	return a.Finds(who, t, key) || a.Book.Got(key.Site, who, t.Right()).Covers(key.Namespace, key.Name)
}

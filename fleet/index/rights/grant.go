package rights

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// User is who asks.
type User struct {
	// Name is the user's name as the site sees it.
	Name string
	// Groups are the user's.
	Groups []string
}

// The groups that API servers know by themselves.
const (
	masters         = "system:masters"
	authenticated   = "system:authenticated"
	unauthenticated = "system:unauthenticated"
	anonymous       = "system:anonymous"
	serviceAccount  = "system:serviceaccount:"
	serviceAccounts = "system:serviceaccounts"
)

// Complete adds the groups that an API server adds to somebody who is impersonated.
func (u User) Complete() User {
	groups := slices.Clone(u.Groups)
	if rest, ok := strings.CutPrefix(u.Name, serviceAccount); ok && len(groups) == 0 {
		namespace, _, _ := strings.Cut(rest, ":")
		groups = append(groups, serviceAccounts, serviceAccounts+":"+namespace)
	}
	if u.Name != anonymous && !slices.Contains(groups, authenticated) && !slices.Contains(groups, unauthenticated) {
		groups = append(groups, authenticated)
	}
	if u.Name == anonymous && !slices.Contains(groups, unauthenticated) {
		groups = append(groups, unauthenticated)
	}
	slices.Sort(groups)
	return User{Name: u.Name, Groups: slices.Compact(groups)}
}

// subjects are the names under which bindings can mean the user.
func (u User) subjects() []subject {
	all := make([]subject, 0, len(u.Groups)+1)
	all = append(all, subject{name: u.Name})
	for _, group := range u.Groups {
		all = append(all, subject{group: true, name: group})
	}
	return all
}

// Grant is the part of a resource at a site that a user may do a thing to.
type Grant struct {
	// All says everything, in every namespace.
	All bool
	// Namespaces are those in which everything may be seen. They are sorted, as Names are.
	Namespaces []string
	// Names are single objects, as namespace and name.
	Names [][2]string
	// Anywhere are names that may be seen in whatever namespace they are.
	Anywhere []string
}

// Empty says that the grant is for nothing.
func (g Grant) Empty() bool {
	return !g.All && len(g.Namespaces) == 0 && len(g.Names) == 0 && len(g.Anywhere) == 0
}

// Covers says whether the grant is for an object.
func (g Grant) Covers(namespace, objectName string) bool {
	if g.All || slices.Contains(g.Anywhere, objectName) {
		return true
	}
	if _, ok := slices.BinarySearch(g.Namespaces, namespace); ok {
		return true
	}
	_, ok := slices.BinarySearchFunc(g.Names, [2]string{namespace, objectName}, comparePairs)
	return ok
}

func comparePairs(a, b [2]string) int {
	if order := strings.Compare(a[0], b[0]); order != 0 {
		return order
	}
	return strings.Compare(a[1], b[1])
}

// question is what a grant was worked out for.
type question struct {
	user, groups string
	list         bool
	resource     schema.GroupResource
}

// Listed is what a user may find in lists: what the verb list lets be listed, and the objects that the verb get names
// one by one. The verb get without names shows nothing in a list, because it lets nobody find out what there is.
func (b *Book) Listed(siteID string, who User, resource schema.GroupResource) Grant {
	return b.grant(siteID, who, resource, true)
}

// Got is what a user may read when he knows its name.
func (b *Book) Got(siteID string, who User, resource schema.GroupResource) Grant {
	return b.grant(siteID, who, resource, false)
}

// remembered is how many answers a site keeps until its RBAC changes.
const remembered = 1000

func (b *Book) grant(siteID string, who User, resource schema.GroupResource, list bool) Grant {
	who = who.Complete()
	q := question{user: who.Name, groups: strings.Join(who.Groups, "\n"), list: list, resource: resource}
	b.lock.RLock()
	s, ok := b.sites[siteID]
	if !ok {
		b.lock.RUnlock()
		return Grant{All: slices.Contains(who.Groups, masters)}
	}
	known, ok := s.grants[q]
	b.lock.RUnlock()
	if ok {
		return known
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	grant := s.work(who, resource, list)
	if s.grants == nil || len(s.grants) >= remembered {
		s.grants = map[question]Grant{}
	}
	s.grants[q] = grant
	return grant
}

// work follows every binding of the user and of each group.
func (s *site) work(who User, resource schema.GroupResource, list bool) Grant {
	if slices.Contains(who.Groups, masters) {
		return Grant{All: true}
	}
	gather := gathering{resource: resource, list: list, namespaces: map[string]struct{}{}, names: map[[2]string]struct{}{}, anywhere: map[string]struct{}{}}
	for _, each := range who.subjects() {
		for _, b := range s.subjects[each] {
			for _, rule := range s.roles[b.role] {
				gather.add(b.namespace, rule)
			}
		}
	}
	return gather.grant()
}

// insideThemselves are namespaces: to an API server each lies in itself, so that a role binding in it may grant to get it,
// and never to list or to get any other.
var insideThemselves = schema.GroupResource{Resource: "namespaces"}

// gathering adds up what rules grant.
type gathering struct {
	resource   schema.GroupResource
	list       bool
	all        bool
	namespaces map[string]struct{}
	names      map[[2]string]struct{}
	anywhere   map[string]struct{}
}

// add takes one rule that holds in a namespace, or everywhere.
func (g *gathering) add(namespace string, rule rbacv1.PolicyRule) {
	if !has(rule.APIGroups, rbacv1.APIGroupAll, g.resource.Group) || !has(rule.Resources, rbacv1.ResourceAll, g.resource.Resource) {
		return
	}
	get, list := has(rule.Verbs, rbacv1.VerbAll, "get"), has(rule.Verbs, rbacv1.VerbAll, "list")
	if g.resource == insideThemselves && namespace != "" {
		if get && (len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, namespace)) {
			g.named("", namespace)
		}
		return
	}
	wanted := get
	if g.list {
		wanted = list
	}
	// Kubernetes compares the name of a request with the names of the rule, and a request for a list has the empty one.
	if wanted && (len(rule.ResourceNames) == 0 || g.list && slices.Contains(rule.ResourceNames, "")) {
		g.whole(namespace)
	}
	if !get && !list || !g.list && !get {
		return
	}
	for _, objectName := range rule.ResourceNames {
		if objectName != "" {
			g.named(namespace, objectName)
		}
	}
}

func (g *gathering) whole(namespace string) {
	if namespace == "" {
		g.all = true
		return
	}
	g.namespaces[namespace] = struct{}{}
}

func (g *gathering) named(namespace, objectName string) {
	if namespace == "" {
		g.anywhere[objectName] = struct{}{}
		return
	}
	g.names[[2]string{namespace, objectName}] = struct{}{}
}

// grant puts what was gathered in order, leaving out what is covered anyhow.
func (g *gathering) grant() Grant {
	if g.all {
		return Grant{All: true}
	}
	grant := Grant{}
	for namespace := range g.namespaces {
		grant.Namespaces = append(grant.Namespaces, namespace)
	}
	for pair := range g.names {
		if _, covered := g.namespaces[pair[0]]; !covered {
			grant.Names = append(grant.Names, pair)
		}
	}
	for objectName := range g.anywhere {
		grant.Anywhere = append(grant.Anywhere, objectName)
	}
	slices.Sort(grant.Namespaces)
	slices.SortFunc(grant.Names, comparePairs)
	slices.Sort(grant.Anywhere)
	return grant
}

func has(list []string, all, wanted string) bool {
	return slices.Contains(list, all) || slices.Contains(list, wanted)
}

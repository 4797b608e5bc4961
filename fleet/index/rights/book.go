package rights

import (
	"sync"
	"sync/atomic"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Kind is a kind of RBAC object.
type Kind int

// The kinds of RBAC objects.
const (
	// Role is rbacv1.Role.
	Role Kind = iota
	// ClusterRole is rbacv1.ClusterRole.
	ClusterRole
	// RoleBinding is rbacv1.RoleBinding.
	RoleBinding
	// ClusterRoleBinding is rbacv1.ClusterRoleBinding.
	ClusterRoleBinding
)

// Book is the RBAC of every site. It is safe for use by many at once.
type Book struct {
	lock  sync.RWMutex
	sites map[string]*site
	// changes counts everything that is recorded or forgotten.
	changes atomic.Int64
}

// NewBook is an empty book: nobody may do anything anywhere.
func NewBook() *Book {
	return &Book{sites: map[string]*site{}}
}

// site is the RBAC of one site, with the bindings found by whom they are for.
type site struct {
	revision int64
	roles    map[name][]rbacv1.PolicyRule
	// cut are the roles of which not every rule is kept.
	cut      map[name]struct{}
	bindings map[name]*binding
	subjects map[subject]map[name]*binding
	grants   map[question]Grant
}

// name is the address of a role or a binding; those of the whole cluster have no namespace.
type name struct {
	namespace, name string
}

// binding is what a binding grants: the role and where.
type binding struct {
	// namespace is where the rights hold, empty for everywhere.
	namespace string
	// role is empty when the binding's reference cannot be followed by Kubernetes either.
	role     name
	subjects []subject
}

// subject is somebody whom a binding is for. A service account is the user that it signs in as.
type subject struct {
	group bool
	name  string
}

// Put records an object of a site.
func (b *Book) Put(siteID string, kind Kind, object *Object) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.changes.Add(1)
	s := b.site(siteID)
	s.changed()
	key := name{object.Namespace, object.Name}
	switch kind {
	case Role, ClusterRole:
		s.roles[key] = object.Rules
		delete(s.cut, key)
		if object.Cut {
			s.cut[key] = struct{}{}
		}
	case RoleBinding, ClusterRoleBinding:
		s.unbind(key)
		s.bind(key, bindingOf(kind, object))
	}
}

// Remove forgets an object of a site.
func (b *Book) Remove(siteID string, kind Kind, namespace, objectName string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.changes.Add(1)
	s := b.site(siteID)
	s.changed()
	key := name{namespace, objectName}
	if kind == Role || kind == ClusterRole {
		delete(s.roles, key)
		delete(s.cut, key)
		return
	}
	s.unbind(key)
}

// Forget forgets a whole site.
func (b *Book) Forget(siteID string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.changes.Add(1)
	delete(b.sites, siteID)
}

// reset forgets everything.
func (b *Book) reset() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.changes.Add(1)
	b.sites = map[string]*site{}
}

// Revision counts the changes of a site's RBAC, so that what was made of an answer can be kept until it changes.
func (b *Book) Revision(siteID string) int64 {
	b.lock.RLock()
	defer b.lock.RUnlock()
	if s, ok := b.sites[siteID]; ok {
		return s.revision
	}
	return 0
}

// Changes counts the changes of all RBAC: while it stays, so does every answer.
func (b *Book) Changes() int64 {
	return b.changes.Load()
}

func (b *Book) site(id string) *site {
	s, ok := b.sites[id]
	if !ok {
		s = &site{roles: map[name][]rbacv1.PolicyRule{}, cut: map[name]struct{}{}, bindings: map[name]*binding{}, subjects: map[subject]map[name]*binding{}}
		b.sites[id] = s
	}
	return s
}

// changed makes what was worked out so far invalid.
func (s *site) changed() {
	s.revision++
	s.grants = nil
}

func (s *site) bind(key name, b *binding) {
	s.bindings[key] = b
	for _, who := range b.subjects {
		if s.subjects[who] == nil {
			s.subjects[who] = map[name]*binding{}
		}
		s.subjects[who][key] = b
	}
}

func (s *site) unbind(key name) {
	b, ok := s.bindings[key]
	if !ok {
		return
	}
	delete(s.bindings, key)
	for _, who := range b.subjects {
		delete(s.subjects[who], key)
		if len(s.subjects[who]) == 0 {
			delete(s.subjects, who)
		}
	}
}

// bindingOf reads a binding as Kubernetes does: a role binding grants in its own namespace alone, whatever kind of role
// it names.
func bindingOf(kind Kind, object *Object) *binding {
	b := &binding{}
	if kind == RoleBinding {
		b.namespace = object.Namespace
	}
	switch {
	case object.RoleRef == nil:
	case object.RoleRef.Kind == "ClusterRole":
		b.role = name{"", object.RoleRef.Name}
	case object.RoleRef.Kind == "Role" && kind == RoleBinding:
		b.role = name{object.Namespace, object.RoleRef.Name}
	}
	for _, who := range object.Subjects {
		if s, ok := subjectOf(who, b.namespace); ok {
			b.subjects = append(b.subjects, s)
		}
	}
	return b
}

// subjectOf reads a subject. A service account without a namespace is one of the binding's namespace.
func subjectOf(who rbacv1.Subject, namespace string) (subject, bool) {
	switch who.Kind {
	case rbacv1.UserKind:
		return subject{name: who.Name}, true
	case rbacv1.GroupKind:
		return subject{group: true, name: who.Name}, true
	case rbacv1.ServiceAccountKind:
		if who.Namespace != "" {
			namespace = who.Namespace
		}
		return subject{name: "system:serviceaccount:" + namespace + ":" + who.Name}, namespace != ""
	default:
		return subject{}, false
	}
}

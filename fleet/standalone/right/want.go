package right

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/pkg/rancher/management"
)

// Labels of what is written.
const (
	// LabelOwned marks what this package wrote and may remove; its value tells
	// whether as a hub or into a site, for one cluster may be both.
	LabelOwned = "authz.cluster.cattle.io/croft-standalone"
	ownedSite  = "site"
	ownedHub   = "hub"
	// labelCreator is Rancher's mark.
	labelCreator = "cattle.io/creator"
)

// Given is everything that decides the rights in one cluster.
type Given struct {
	// Cluster is the cluster's name.
	Cluster string
	// Clusters and Projects are the bindings of this cluster.
	Clusters []management.ClusterRoleTemplateBinding
	Projects []management.ProjectRoleTemplateBinding
	// Templates are all roles.
	Templates []management.RoleTemplate
	// Admins are the users who may do everything everywhere.
	Admins []string
	// Namespaces are those of the cluster by project, such as p-xxxxx.
	Namespaces map[string][]string
	// Users are the users who exist.
	Users map[string]bool
}

// Wanted are the objects that should be in a cluster, sorted by name.
type Wanted struct {
	Roles           []rbacv1.ClusterRole
	ClusterBindings []rbacv1.ClusterRoleBinding
	Bindings        []rbacv1.RoleBinding
}

// Want tells what RBAC a cluster should have. It is the whole of the policy and
// touches nothing.
func Want(g Given) Wanted {
	w := &wanted{given: g, templates: map[string]management.RoleTemplate{}, roles: map[string]rbacv1.ClusterRole{}}
	for _, template := range g.Templates {
		w.templates[template.Name] = template
	}

	for _, admin := range g.Admins {
		w.bindCluster("globaladmin-"+admin, "cluster-admin", userSubject(admin))
	}

	for i := range g.Clusters {
		binding := &g.Clusters[i]
		if subject, ok := w.subject(binding.UserName, binding.UserPrincipalName, binding.GroupName, binding.GroupPrincipalName); ok {
			for _, role := range w.rolesOf(binding.RoleTemplateName, nil) {
				w.bindCluster(name("crb", binding.Namespace, binding.Name, role), role, subject)
			}
		}
	}

	for i := range g.Projects {
		w.project(&g.Projects[i])
	}

	return w.sorted()
}

type wanted struct {
	given     Given
	templates map[string]management.RoleTemplate
	roles     map[string]rbacv1.ClusterRole
	result    Wanted
}

// project gives a role in every namespace of a project, and the sight of them.
func (w *wanted) project(binding *management.ProjectRoleTemplateBinding) {
	_, project := SplitProject(binding.ProjectName)

	subject, ok := w.subject(binding.UserName, binding.UserPrincipalName, binding.GroupName, binding.GroupPrincipalName)
	if !ok {
		return
	}

	namespaces := w.given.Namespaces[project]
	if len(namespaces) == 0 {
		return
	}

	for _, role := range w.rolesOf(binding.RoleTemplateName, nil) {
		for _, namespace := range namespaces {
			w.result.Bindings = append(w.result.Bindings, rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name("rb", binding.Namespace, binding.Name, role), Labels: labels()},
				RoleRef:    roleRef(role), Subjects: []rbacv1.Subject{subject},
			})
		}
	}

	sight := project + "-namespaces-readonly"
	w.roles[sight] = rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: sight, Labels: labels()},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{""}, Resources: []string{"namespaces"}, ResourceNames: slices.Sorted(slices.Values(namespaces)),
			Verbs: []string{"get", "list", "watch"},
		}},
	}
	w.bindCluster(name("crb", binding.Namespace, binding.Name, sight), sight, subject)
}

// rolesOf are the ClusterRoles that a template means in a cluster: its own, if it
// has rules, and those of the templates that it contains.
func (w *wanted) rolesOf(template string, seen []string) []string {
	have, ok := w.templates[template]
	if !ok || slices.Contains(seen, template) {
		return nil
	}

	var result []string

	switch {
	case have.External:
		result = append(result, template)
	case len(have.Rules) > 0:
		w.roles[template] = rbacv1.ClusterRole{
			ObjectMeta: metav1.ObjectMeta{Name: template, Labels: labels()}, Rules: have.Rules,
		}
		result = append(result, template)
	}

	for _, inner := range have.RoleTemplateNames {
		result = append(result, w.rolesOf(inner, append(seen, template))...)
	}

	return result
}

// subject is who a binding is for; nobody if he does not exist.
func (w *wanted) subject(user, userPrincipal, group, groupPrincipal string) (rbacv1.Subject, bool) {
	if user == "" {
		user = strings.TrimPrefix(userPrincipal, "local://")
	}

	if user != "" {
		return userSubject(user), w.given.Users[user]
	}

	group = cmp.Or(group, groupPrincipal)
	// A group of the whole world is not what anybody means by a role on a cluster,
	// and one that is the cluster's own would be a way around this list.
	if group == "" || (strings.HasPrefix(group, "system:") && group != "system:cattle:authenticated") {
		return rbacv1.Subject{}, false
	}

	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group}, true
}

func (w *wanted) bindCluster(name, role string, subject rbacv1.Subject) {
	w.result.ClusterBindings = append(w.result.ClusterBindings, rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels()},
		RoleRef:    roleRef(role), Subjects: []rbacv1.Subject{subject},
	})
}

func (w *wanted) sorted() Wanted {
	for _, role := range w.roles {
		w.result.Roles = append(w.result.Roles, role)
	}

	slices.SortFunc(w.result.Roles, func(a, b rbacv1.ClusterRole) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(w.result.ClusterBindings, func(a, b rbacv1.ClusterRoleBinding) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(w.result.Bindings, func(a, b rbacv1.RoleBinding) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})

	return w.result
}

// admins are the users to whom somebody gave the role admin.
func admins(bindings []management.GlobalRoleBinding) []string {
	var result []string

	for i := range bindings {
		if bindings[i].GlobalRoleName == account.RoleAdmin && bindings[i].UserName != "" {
			result = append(result, bindings[i].UserName)
		}
	}

	slices.Sort(result)

	return slices.Compact(result)
}

// SplitProject cuts c-m-xxxxx:p-xxxxx.
func SplitProject(name string) (cluster, project string) {
	cluster, project, _ = strings.Cut(name, ":")

	return cluster, project
}

// name follows from what the object is for, so that writing twice writes once.
func name(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))

	return prefix + "-" + hex.EncodeToString(sum[:])[:12]
}

func roleRef(role string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
}

func labels() map[string]string {
	return map[string]string{LabelOwned: ownedSite, labelCreator: "norman"}
}

package bootstrap

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/pkg/rancher/management"
)

var (
	read = []string{"get", "list", "watch"}
	all  = []string{rbacv1.ResourceAll}
)

// globalRoles are the roles on the hub itself.
func globalRoles() []*management.GlobalRole {
	group := []string{management.GroupVersion.Group}

	return []*management.GlobalRole{
		{
			ObjectMeta: metav1.ObjectMeta{Name: account.RoleAdmin}, DisplayName: "Admin", Builtin: true,
			Rules: []rbacv1.PolicyRule{
				{APIGroups: all, Resources: all, Verbs: all},
				{NonResourceURLs: all, Verbs: all},
			},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: account.RoleUser}, DisplayName: "User", Builtin: true, NewUserDefault: true,
			Rules: []rbacv1.PolicyRule{{APIGroups: group, Resources: []string{"roletemplates", "nodedrivers", "kontainerdrivers"}, Verbs: read}},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "user-base"}, DisplayName: "User-Base", Builtin: true,
			Rules: []rbacv1.PolicyRule{{APIGroups: group, Resources: []string{"settings", "features"}, Verbs: read}},
		},
	}
}

// RoleTemplates are the roles that can be given on clusters and projects.
func RoleTemplates() []*management.RoleTemplate {
	rule := func(group string, resources, verbs []string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
	}

	return []*management.RoleTemplate{
		{
			ObjectMeta: metav1.ObjectMeta{Name: "cluster-owner"}, DisplayName: "Cluster Owner",
			Context: management.ContextCluster, Builtin: true,
			Rules: []rbacv1.PolicyRule{
				{APIGroups: all, Resources: all, Verbs: all},
				{NonResourceURLs: all, Verbs: all},
			},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "cluster-member"}, DisplayName: "Cluster Member",
			Context: management.ContextCluster, Builtin: true,
			Rules: []rbacv1.PolicyRule{
				rule("", []string{"nodes", "persistentvolumes"}, read),
				rule("metrics.k8s.io", []string{"nodes", "pods"}, read),
				rule("storage.k8s.io", []string{"storageclasses"}, read),
				rule("harvesterhci.io", []string{"settings"}, read),
				{NonResourceURLs: []string{"/version", "/api", "/api/*", "/apis", "/apis/*", "/openapi/*"}, Verbs: []string{"get"}},
			},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "project-owner"}, DisplayName: "Project Owner",
			Context: management.ContextProject, Builtin: true, RoleTemplateNames: []string{"admin"},
			Rules: []rbacv1.PolicyRule{rule("rbac.authorization.k8s.io", []string{"rolebindings"}, all)},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "project-member"}, DisplayName: "Project Member",
			Context: management.ContextProject, Builtin: true, RoleTemplateNames: []string{"edit"},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "read-only"}, DisplayName: "Read-only",
			Context: management.ContextProject, Builtin: true, RoleTemplateNames: []string{"view"},
		},
		{ObjectMeta: metav1.ObjectMeta{Name: "admin"}, DisplayName: "Kubernetes admin", Context: management.ContextProject, Builtin: true, External: true, Hidden: true},
		{ObjectMeta: metav1.ObjectMeta{Name: "edit"}, DisplayName: "Kubernetes edit", Context: management.ContextProject, Builtin: true, External: true, Hidden: true},
		{ObjectMeta: metav1.ObjectMeta{Name: "view"}, DisplayName: "Kubernetes view", Context: management.ContextProject, Builtin: true, External: true, Hidden: true},
	}
}

// commonRights are what everybody may read on the hub, before and after the login.
func commonRights() []client.Object {
	group := []string{management.GroupVersion.Group}

	return append(
		given("cattle-unauthenticated", []string{session.GroupUnauthenticated, session.GroupAuthenticated},
			rbacv1.PolicyRule{APIGroups: group, Resources: []string{"settings"}, ResourceNames: publicSettings, Verbs: read}),
		given("cattle-authenticated", []string{session.GroupCattleAuthenticated},
			rbacv1.PolicyRule{APIGroups: group, Resources: []string{"settings", "features"}, Verbs: read},
			rbacv1.PolicyRule{NonResourceURLs: []string{"/version", "/version/"}, Verbs: []string{"get"}})...,
	)
}

func given(name string, groups []string, rules ...rbacv1.PolicyRule) []client.Object {
	binding := &rbacv1.ClusterRoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
	}
	for _, group := range groups {
		binding.Subjects = append(binding.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group})
	}

	return []client.Object{
		&rbacv1.ClusterRole{
			TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
			ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules,
		},
		binding,
	}
}

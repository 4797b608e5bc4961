package right

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/standalone/bootstrap"
	"crofthci.io/croft/pkg/rancher/management"
)

// bound says in short what somebody has: who, as what, where.
func bound(w Wanted) []string {
	var result []string

	for _, binding := range w.ClusterBindings {
		result = append(result, binding.Subjects[0].Name+" "+binding.RoleRef.Name)
	}

	for _, binding := range w.Bindings {
		result = append(result, binding.Subjects[0].Name+" "+binding.RoleRef.Name+" in "+binding.Namespace)
	}

	slices.Sort(result)

	return result
}

func TestWant(t *testing.T) {
	var templates []management.RoleTemplate
	for _, template := range bootstrap.RoleTemplates() {
		templates = append(templates, *template)
	}

	templates = append(templates,
		management.RoleTemplate{ObjectMeta: metav1.ObjectMeta{Name: "ring"}, RoleTemplateNames: []string{"ring", "view"}},
		management.RoleTemplate{ObjectMeta: metav1.ObjectMeta{Name: "nothing"}, Context: management.ContextCluster},
	)

	onCluster := func(user, group, role string) []management.ClusterRoleTemplateBinding {
		return []management.ClusterRoleTemplateBinding{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "c-m-1", Name: "crtb-1"}, ClusterName: "c-m-1",
			UserName: user, GroupName: group, RoleTemplateName: role,
		}}
	}
	onProject := func(user, role string) []management.ProjectRoleTemplateBinding {
		return []management.ProjectRoleTemplateBinding{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "c-m-1-p-1", Name: "prtb-1"}, ProjectName: "c-m-1:p-1", UserName: user, RoleTemplateName: role,
		}}
	}
	namespaces := map[string][]string{"p-1": {"web", "db"}, "p-2": {"other"}}

	cases := map[string]struct {
		reason string
		given  Given
		want   []string
	}{
		"Nobody":  {"nobody was given anything", Given{}, nil},
		"Admin":   {"an administrator of the hub is one everywhere", Given{Admins: []string{"user-1"}}, []string{"user-1 cluster-admin"}},
		"Owner":   {"a role on the cluster", Given{Clusters: onCluster("u-1", "", "cluster-owner")}, []string{"u-1 cluster-owner"}},
		"Member":  {"another role on the cluster", Given{Clusters: onCluster("u-1", "", "cluster-member")}, []string{"u-1 cluster-member"}},
		"Group":   {"a role for a group", Given{Clusters: onCluster("", "team", "cluster-member")}, []string{"team cluster-member"}},
		"Masters": {"no binding makes anybody one of Kubernetes' own groups", Given{Clusters: onCluster("", "system:masters", "cluster-owner")}, nil},
		"Gone":    {"a user who is gone has nothing", Given{Clusters: onCluster("u-9", "", "cluster-owner")}, nil},
		"Unknown": {"a role that nobody knows is none", Given{Clusters: onCluster("u-1", "", "typo")}, nil},
		"Empty":   {"a role without rules lets in and gives nothing: rights in a namespace are given there", Given{Clusters: onCluster("u-1", "", "nothing")}, nil},
		"Ring":    {"roles that contain each other end", Given{Clusters: onCluster("u-1", "", "ring")}, []string{"u-1 view"}},
		"Project": {
			"a role on a project counts in its namespaces alone", Given{Projects: onProject("u-1", "project-member"), Namespaces: namespaces},
			[]string{"u-1 edit in db", "u-1 edit in web", "u-1 p-1-namespaces-readonly"},
		},
		"ReadOnly": {
			"reading a project", Given{Projects: onProject("u-1", "read-only"), Namespaces: map[string][]string{"p-1": {"web"}}},
			[]string{"u-1 p-1-namespaces-readonly", "u-1 view in web"},
		},
		"ProjectOwner": {
			"an owner has a role of Kubernetes and one of his own", Given{Projects: onProject("u-1", "project-owner"), Namespaces: map[string][]string{"p-1": {"web"}}},
			[]string{"u-1 admin in web", "u-1 p-1-namespaces-readonly", "u-1 project-owner in web"},
		},
		"NoNamespaces": {"a project without namespaces gives nothing", Given{Projects: onProject("u-1", "project-owner")}, nil},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.given.Cluster, tc.given.Templates, tc.given.Users = "c-m-1", templates, map[string]bool{"u-1": true, "user-1": true}

			got := Want(tc.given)
			if diff := cmp.Diff(tc.want, bound(got)); diff != "" {
				t.Errorf("%s (-want, +got):\n%s", tc.reason, diff)
			}

			if diff := cmp.Diff(got, Want(tc.given)); diff != "" {
				t.Errorf("writing twice must write the same:\n%s", diff)
			}
		})
	}
}

func TestMembers(t *testing.T) {
	given := Given{
		Cluster: "c-m-1", Users: map[string]bool{"u-1": true, "u-2": true},
		Clusters: []management.ClusterRoleTemplateBinding{
			{UserName: "u-1", RoleTemplateName: "cluster-member"}, {UserName: "u-1", RoleTemplateName: "cluster-owner"}, {UserName: "u-9", RoleTemplateName: "cluster-owner"},
		},
		Projects: []management.ProjectRoleTemplateBinding{{UserName: "u-2", ProjectName: "c-m-1:p-1", RoleTemplateName: "read-only"}},
	}

	want := []member{{subject: userSubject("u-1"), owner: true}, {subject: userSubject("u-2")}}
	if diff := cmp.Diff(want, members(given), cmp.AllowUnexported(member{}), cmp.Comparer(func(a, b rbacv1.Subject) bool { return a == b })); diff != "" {
		t.Errorf("who has any right sees the cluster (-want, +got):\n%s", diff)
	}
}

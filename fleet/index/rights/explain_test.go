package rights_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"crofthci.io/croft/fleet/index/rights"
)

// deeds are what is asked of every user.
func deeds() []rights.Deed {
	var all []rights.Deed
	resources := []rights.Deed{
		{Group: "kubevirt.io", Resource: "virtualmachines"},
		{Group: "kubevirt.io", Resource: "virtualmachines", Subresource: "status"},
		{Group: "subresources.kubevirt.io", Resource: "virtualmachines", Subresource: "restart"},
		{Resource: "virtualmachines"},
		{Resource: "nodes"},
		{Resource: "namespaces"},
		{Group: "*", Resource: "*"},
	}
	places := []rights.Deed{{}, {Name: "web"}, {Namespace: "one"}, {Namespace: "one", Name: "web"}, {Namespace: "two", Name: "db"}, {Namespace: "three", Name: "other"}, {Name: "one"}}
	for _, resource := range resources {
		for _, verb := range list("get", "list", "create", "*", "LIST") {
			for _, place := range places {
				deed := resource
				deed.Verb, deed.Namespace, deed.Name = verb, place.Namespace, place.Name
				all = append(all, deed)
			}
		}
	}
	return all
}

// askers are the users of the matrix: those of TestAsKubernetes, fewer where they differ in the name of a place alone.
func askers() map[string]rights.User {
	all := users()
	all["restarter"] = rights.User{Name: "restarter"}
	all["node-reader"] = rights.User{Name: "x", Groups: list("node-readers")}
	all["account-without-groups"] = rights.User{Name: "system:serviceaccount:two:robot"}
	return all
}

// TestExplainAsKubernetes holds each explanation against a real API server's SubjectAccessReview.
func TestExplainAsKubernetes(t *testing.T) {
	client := kubernetes.NewForConfigOrDie(server)
	book := bound(t, client)
	more := map[string]struct {
		rule      rbacv1.PolicyRule
		namespace string
		who       rbacv1.Subject
	}{
		"restarter":   {rule(list("create", "update"), list("subresources.kubevirt.io"), list("virtualmachines/restart")), "one", user("restarter")},
		"node-reader": {rule(list("get", "list"), list(""), list("nodes")), "", group("node-readers")},
	}
	for name, tc := range more {
		role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "explain-" + name}, Rules: []rbacv1.PolicyRule{tc.rule}}
		check(t)(client.RbacV1().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{}))
		record(t, book, rights.ClusterRole, role)
		meta := metav1.ObjectMeta{Name: role.Name, Namespace: tc.namespace}
		if tc.namespace == "" {
			binding := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: to("ClusterRole", role.Name), Subjects: []rbacv1.Subject{tc.who}}
			check(t)(client.RbacV1().ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{}))
			record(t, book, rights.ClusterRoleBinding, binding)
			continue
		}
		binding := &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: to("ClusterRole", role.Name), Subjects: []rbacv1.Subject{tc.who}}
		check(t)(client.RbacV1().RoleBindings(tc.namespace).Create(t.Context(), binding, metav1.CreateOptions{}))
		record(t, book, rights.RoleBinding, binding)
	}
	until(t, "the API server knows the last binding", func() bool {
		return review(t, client, rights.User{Name: "restarter"}, rights.Deed{Verb: "update", Group: "subresources.kubevirt.io", Resource: "virtualmachines", Subresource: "restart", Namespace: "one"}) &&
			review(t, client, rights.User{Name: "x", Groups: list("node-readers")}, rights.Deed{Verb: "list", Resource: "nodes"})
	})
	asked := 0
	for name, who := range askers() {
		t.Run(name, func(t *testing.T) {
			for _, deed := range deeds() {
				asked++
				got := book.Explain("site", who, deed)
				if want := review(t, client, who, deed); got.Allowed != want {
					t.Errorf("%+v: Kubernetes says %v, the book %+v", deed, want, got)
				}
				checkReasons(t, got)
			}
		})
	}
	t.Logf("%d questions", asked)
}

// checkReasons holds that an answer gives its reasons: those that suffice for yes, those that do not for no.
func checkReasons(t *testing.T, e rights.Explanation) {
	t.Helper()
	if e.Allowed && !e.Everything && len(e.Reasons) == 0 || !e.Allowed && len(e.Reasons) > 0 || e.Allowed && len(e.Near) > 0 {
		t.Errorf("allowed %v for %d reasons, %d near", e.Allowed, len(e.Reasons), len(e.Near))
	}
	for _, reason := range e.Reasons {
		if reason.Binding.Name == "" || reason.Role.Name == "" || reason.Rule == nil || reason.Lacks != "" {
			t.Errorf("a reason that says too little: %+v", reason)
		}
	}
	for _, reason := range e.Near {
		if reason.Binding.Name == "" || !strings.HasSuffix(reason.Lacks, ".") {
			t.Errorf("something near that says too little: %+v", reason)
		}
	}
}

// review asks the API server, as it would see the user who has signed in and the deed when it is done.
func review(t *testing.T, client kubernetes.Interface, who rights.User, deed rights.Deed) bool {
	t.Helper()
	who = who.Complete()
	namespace := deed.Namespace
	if deed.Resource == "namespaces" && deed.Group == "" && namespace == "" {
		namespace = deed.Name
	}
	answer, err := client.AuthorizationV1().SubjectAccessReviews().Create(context.Background(), &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: who.Name, Groups: who.Groups,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: deed.Verb, Group: deed.Group, Version: "v1", Resource: deed.Resource, Subresource: deed.Subresource, Namespace: namespace, Name: deed.Name,
		},
	}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status.Allowed
}

// TestExplainWords holds what is said to people.
func TestExplainWords(t *testing.T) {
	book := rights.NewBook()
	ref, missing, local := to("ClusterRole", "viewer"), to("ClusterRole", "not-there"), to("Role", "web")
	book.Put("site", rights.ClusterRole, &rights.Object{Name: "viewer", Rules: roles["viewer"]})
	book.Put("site", rights.Role, &rights.Object{Namespace: "one", Name: "web", Rules: roles["get-web"]})
	book.Put("site", rights.ClusterRoleBinding, &rights.Object{Name: "all", RoleRef: &ref, Subjects: []rbacv1.Subject{group("staff")}})
	book.Put("site", rights.RoleBinding, &rights.Object{Namespace: "one", Name: "ann", RoleRef: &ref, Subjects: []rbacv1.Subject{user("ann")}})
	book.Put("site", rights.RoleBinding, &rights.Object{Namespace: "one", Name: "lost", RoleRef: &missing, Subjects: []rbacv1.Subject{user("lost")}})
	book.Put("site", rights.RoleBinding, &rights.Object{Namespace: "one", Name: "web", RoleRef: &local, Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "robot"}}})
	see := func(verb, namespace, object string) rights.Deed {
		return rights.Deed{Verb: verb, Group: machines.Group, Resource: machines.Resource, Namespace: namespace, Name: object}
	}
	cases := map[string]struct {
		reason string
		who    rights.User
		deed   rights.Deed
		want   []string
	}{
		"Group":     {"a group's binding, with its role", rights.User{Name: "bob", Groups: list("staff")}, see("list", "", ""), list("yes: Group staff by ClusterRoleBinding /all of ClusterRole /viewer")},
		"Both":      {"every way, the widest first", rights.User{Name: "ann", Groups: list("staff")}, see("list", "one", ""), list("yes: Group staff by ClusterRoleBinding /all of ClusterRole /viewer", "yes: User ann by RoleBinding one/ann of ClusterRole /viewer")},
		"Account":   {"a service account of the binding's namespace", rights.User{Name: "system:serviceaccount:one:robot"}, see("get", "one", "web"), list("yes: ServiceAccount robot by RoleBinding one/web of Role one/web")},
		"Verb":      {"the verb is missing", rights.User{Name: "ann"}, see("delete", "one", "web"), list("no: RoleBinding one/ann: It is to get, list, watch and not to delete.")},
		"Place":     {"it holds elsewhere", rights.User{Name: "ann"}, see("get", "two", "web"), list("no: RoleBinding one/ann: It is in one and not in two.")},
		"AllPlaces": {"it holds in one namespace and not in all", rights.User{Name: "ann"}, see("list", "", ""), list("no: RoleBinding one/ann: It is in one and not everywhere.")},
		"Name":      {"it is for another object", rights.User{Name: "system:serviceaccount:one:robot"}, see("get", "one", "db"), list("no: RoleBinding one/web: It is for web and not for db.")},
		"Part":      {"it is for the object and not for its part", rights.User{Name: "ann"}, rights.Deed{Verb: "get", Group: machines.Group, Resource: machines.Resource, Subresource: "status", Namespace: "one"}, list("no: RoleBinding one/ann: It is for virtualmachines and not for virtualmachines/status.")},
		"Lost":      {"the role has gone", rights.User{Name: "lost"}, see("get", "one", "web"), list("no: RoleBinding one/lost: The role that it names is not there.")},
		"Stranger":  {"nothing at all", rights.User{Name: "eve"}, see("get", "one", "web"), nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := book.Explain("site", tc.who, tc.deed)
			var got []string
			for _, r := range e.Reasons {
				got = append(got, fmt.Sprintf("yes: %s %s by %s %s/%s of %s %s/%s", r.Subject.Kind, r.Subject.Name, r.Binding.Kind, r.Binding.Namespace, r.Binding.Name, r.Role.Kind, r.Role.Namespace, r.Role.Name))
			}
			for _, r := range e.Near {
				got = append(got, fmt.Sprintf("no: %s %s/%s: %s", r.Binding.Kind, r.Binding.Namespace, r.Binding.Name, r.Lacks))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

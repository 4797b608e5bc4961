package rights_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/test/controlplane"
)

var machines = schema.GroupResource{Group: "kubevirt.io", Resource: "virtualmachines"}

// server is the real API server of all tests of this package.
var server *rest.Config

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "rights")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	config, stop, err := controlplane.ForPackage(folder, controlplane.WithControllerManager("clusterrole-aggregation-controller"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stop()
	server = config
	return m.Run()
}

func rule(verbs, groups, resources []string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: verbs, APIGroups: groups, Resources: resources, ResourceNames: names}
}

func list(values ...string) []string { return values }

// roles are the roles of the test, by name; each is made as a cluster role and as a role in both namespaces.
var roles = map[string][]rbacv1.PolicyRule{
	"viewer":         {rule(list("get", "list", "watch"), list("kubevirt.io"), list("virtualmachines"))},
	"star":           {rule(list("*"), list("*"), list("*"))},
	"star-verb":      {rule(list("*"), list("kubevirt.io"), list("virtualmachines"))},
	"star-group":     {rule(list("list"), list("*"), list("virtualmachines"))},
	"star-resource":  {rule(list("list"), list("kubevirt.io"), list("*"))},
	"other-group":    {rule(list("list", "get"), list(""), list("virtualmachines"))},
	"subresource":    {rule(list("list", "get"), list("kubevirt.io"), list("virtualmachines/*", "virtualmachines/status"))},
	"any-status":     {rule(list("list", "get"), list("kubevirt.io"), list("*/status"))},
	"only-get":       {rule(list("get"), list("kubevirt.io"), list("virtualmachines"))},
	"only-list":      {rule(list("list"), list("kubevirt.io"), list("virtualmachines"))},
	"only-create":    {rule(list("create", "update"), list("kubevirt.io"), list("virtualmachines"))},
	"get-web":        {rule(list("get"), list("kubevirt.io"), list("virtualmachines"), "web")},
	"list-web":       {rule(list("list"), list("kubevirt.io"), list("virtualmachines"), "web", "db")},
	"empty-name":     {rule(list("list", "get"), list("kubevirt.io"), list("virtualmachines"), "")},
	"star-name":      {rule(list("list", "get"), list("kubevirt.io"), list("virtualmachines"), "*")},
	"split":          {rule(list("list"), list("kubevirt.io"), list("other")), rule(list("list"), list("other"), list("virtualmachines")), rule(list("get"), list("kubevirt.io"), list("virtualmachines"))},
	"upper-case":     {rule(list("LIST", "GET"), list("kubevirt.io"), list("virtualmachines"))},
	"non-resource":   {},
	"two-rules-name": {rule(list("get"), list("kubevirt.io"), list("virtualmachines"), "db"), rule(list("get", "list"), list("kubevirt.io"), list("virtualmachines"), "web")},
}

// users are who is asked about. What each may do is granted to the name of the role, as a user or as a group.
func users() map[string]rights.User {
	all := map[string]rights.User{
		"nobody":              {Name: "nobody"},
		"master":              {Name: "root", Groups: list("system:masters")},
		"anonymous":           {Name: "system:anonymous", Groups: list("system:unauthenticated")},
		"account":             {Name: "system:serviceaccount:one:robot", Groups: list("system:serviceaccounts", "system:serviceaccounts:one", "system:authenticated")},
		"account-of-two":      {Name: "system:serviceaccount:two:robot", Groups: list("system:serviceaccounts", "system:serviceaccounts:two", "system:authenticated")},
		"named-as-group":      {Name: "g:everywhere:viewer"},
		"group-named-as-user": {Name: "x", Groups: list("u:everywhere:viewer")},
		"many-groups":         {Name: "x", Groups: list("g:one:viewer", "g:two:get-web", "g:everywhere:only-get")},
		"dangling":            {Name: "dangling"},
		"wrong-kind":          {Name: "wrong-kind"},
		"aggregated":          {Name: "aggregated"},
		"aggregated-in-one":   {Name: "aggregated-in-one"},
		"local-account":       {Name: "system:serviceaccount:one:local", Groups: list("system:serviceaccounts", "system:serviceaccounts:one", "system:authenticated")},
		"account-elsewhere":   {Name: "system:serviceaccount:two:local", Groups: list("system:serviceaccounts", "system:serviceaccounts:two", "system:authenticated")},
		"rancher":             {Name: "u-abc12", Groups: list("system:cattle:authenticated", "local://u-abc12")},
	}
	for role := range roles {
		for _, where := range list("everywhere", "one", "one-by-cluster-role") {
			all[where+"/"+role] = rights.User{Name: "u:" + where + ":" + role, Groups: list("system:authenticated")}
		}
	}
	return all
}

// objects are what is bound, made of roles.
func objects() (clusterRoles []rbacv1.ClusterRole, locals []rbacv1.Role, clusterBindings []rbacv1.ClusterRoleBinding, bindings []rbacv1.RoleBinding) {
	for role, rules := range roles {
		clusterRoles = append(clusterRoles, rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}, Rules: rules})
		clusterBindings = append(clusterBindings, rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "everywhere:" + role}, RoleRef: to("ClusterRole", role), Subjects: who("everywhere:" + role),
		})
		for _, namespace := range list("one", "two") {
			meta := metav1.ObjectMeta{Name: role, Namespace: namespace}
			locals = append(locals, rbacv1.Role{ObjectMeta: meta, Rules: rules})
			bindings = append(bindings, rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: to("Role", role), Subjects: who(namespace + ":" + role)})
		}
		bindings = append(bindings, rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "by-cluster-role:" + role, Namespace: "one"}, RoleRef: to("ClusterRole", role), Subjects: who("one-by-cluster-role:" + role),
		})
	}
	// A cluster role that also answers URLs, which say nothing of resources.
	for i := range clusterRoles {
		if clusterRoles[i].Name == "non-resource" {
			clusterRoles[i].Rules = []rbacv1.PolicyRule{{Verbs: list("*"), NonResourceURLs: list("*")}}
		}
	}
	// A cluster role without rules of its own: the controller fills in those of the roles with the label.
	aggregated := &metav1.LabelSelector{MatchLabels: map[string]string{"test/aggregate": "true"}}
	clusterRoles = append(clusterRoles,
		rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "aggregated"}, AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{*aggregated}}},
		rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "part", Labels: aggregated.MatchLabels}, Rules: roles["viewer"]})
	clusterBindings = append(clusterBindings, rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "aggregated"}, RoleRef: to("ClusterRole", "aggregated"), Subjects: []rbacv1.Subject{user("aggregated")}})
	robot := rbacv1.Subject{Kind: "ServiceAccount", Name: "robot", Namespace: "one"}
	bindings = append(bindings,
		rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "robot", Namespace: "two"}, RoleRef: to("Role", "viewer"), Subjects: []rbacv1.Subject{robot}},
		rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "accounts", Namespace: "one"}, RoleRef: to("Role", "get-web"), Subjects: []rbacv1.Subject{group("system:serviceaccounts:two")}},
		rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "dangling", Namespace: "one"}, RoleRef: to("Role", "not-there"), Subjects: []rbacv1.Subject{user("dangling")}},
		rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "aggregated", Namespace: "one"}, RoleRef: to("ClusterRole", "aggregated"), Subjects: []rbacv1.Subject{user("aggregated-in-one")}},
		// Without a namespace of its own, the account is one of the binding's.
		rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "local", Namespace: "one"}, RoleRef: to("Role", "viewer"), Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "local"}}},
		rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "cattle", Namespace: "two"}, RoleRef: to("ClusterRole", "viewer"), Subjects: []rbacv1.Subject{group("local://u-abc12")}},
	)
	return clusterRoles, locals, clusterBindings, bindings
}

func to(kind, name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

func user(name string) rbacv1.Subject {
	return rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: name}
}

func group(name string) rbacv1.Subject {
	return rbacv1.Subject{Kind: "Group", APIGroup: rbacv1.GroupName, Name: name}
}

func who(name string) []rbacv1.Subject {
	return []rbacv1.Subject{user("u:" + name), group("g:" + name)}
}

// TestAsKubernetes asks a real API server about every user, and the book of the same objects.
func TestAsKubernetes(t *testing.T) {
	client := kubernetes.NewForConfigOrDie(server)
	book := bound(t, client)
	for name, who := range users() {
		t.Run(name, func(t *testing.T) {
			listed, got := book.Listed("site", who, machines), book.Got("site", who, machines)
			ask := func(verb, namespace, object string) bool { return allowed(t, client, who, verb, namespace, object) }
			if want := ask("list", "", ""); listed.All != want {
				t.Errorf("list everywhere: Kubernetes says %v, the book %v", want, listed.All)
			}
			for _, namespace := range list("one", "two", "three") {
				inAll := listed.All || len(listed.Namespaces) > 0 && contains(listed.Namespaces, namespace)
				if want := ask("list", namespace, ""); inAll != want {
					t.Errorf("list in %s: Kubernetes says %v, the book %v", namespace, want, inAll)
				}
				for _, object := range list("web", "db", "other") {
					if want := ask("get", namespace, object); got.Covers(namespace, object) != want {
						t.Errorf("get %s/%s: Kubernetes says %v, the book %v", namespace, object, want, !want)
					}
					// A list of one by its name is what the API server makes of a field selector.
					if ask("list", namespace, object) && !listed.Covers(namespace, object) {
						t.Errorf("list %s/%s by name: Kubernetes lets it be found, the book does not", namespace, object)
					}
					if listed.Covers(namespace, object) && !ask("list", namespace, "") && !ask("list", namespace, object) && !ask("get", namespace, object) {
						t.Errorf("%s/%s: the book shows what Kubernetes would neither list nor get", namespace, object)
					}
				}
			}
		})
	}
}

// TestNamespacesAsKubernetes asks a real API server, as each user, for namespaces themselves, which lie inside themselves.
func TestNamespacesAsKubernetes(t *testing.T) {
	client := kubernetes.NewForConfigOrDie(server)
	book := rights.NewBook()
	namespaces := schema.GroupResource{Resource: "namespaces"}
	see := func(names ...string) []rbacv1.PolicyRule {
		return []rbacv1.PolicyRule{rule(list("get", "list"), list(""), list("namespaces"), names...)}
	}
	cases := map[string]struct {
		reason string
		// namespace is where the role and its binding are, empty for everywhere.
		namespace string
		rules     []rbacv1.PolicyRule
		// reads says that the namespace inside can be read.
		reads bool
	}{
		"everywhere":   {"a cluster role shows all", "", see(), true},
		"named":        {"or those that it names", "", see("inside"), true},
		"inside":       {"a role in a namespace lets that one be read", "inside", see(), true},
		"inside-named": {"also by its name", "inside", see("inside"), true},
		"inside-other": {"and none but that one", "inside", see("outside"), false},
		"only-list":    {"a list is of the whole cluster", "inside", []rbacv1.PolicyRule{rule(list("list"), list(""), list("namespaces"))}, false},
		"star":         {"everything in a namespace is that one too", "inside", []rbacv1.PolicyRule{rule(list("*"), list("*"), list("*"))}, true},
		"none":         {"other resources say nothing", "inside", []rbacv1.PolicyRule{rule(list("get"), list(""), list("pods"))}, false},
	}
	for _, namespace := range list("inside", "outside") {
		check(t)(client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}))
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			who := rights.User{Name: "namespaces:" + name}
			meta := metav1.ObjectMeta{Namespace: tc.namespace, Name: "namespaces-" + name}
			if tc.namespace == "" {
				role := &rbacv1.ClusterRole{ObjectMeta: meta, Rules: tc.rules}
				binding := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: to("ClusterRole", meta.Name), Subjects: []rbacv1.Subject{user(who.Name)}}
				check(t)(client.RbacV1().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{}))
				check(t)(client.RbacV1().ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{}))
				record(t, book, rights.ClusterRole, role)
				record(t, book, rights.ClusterRoleBinding, binding)
			} else {
				role := &rbacv1.Role{ObjectMeta: meta, Rules: tc.rules}
				binding := &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: to("Role", meta.Name), Subjects: []rbacv1.Subject{user(who.Name)}}
				check(t)(client.RbacV1().Roles(tc.namespace).Create(t.Context(), role, metav1.CreateOptions{}))
				check(t)(client.RbacV1().RoleBindings(tc.namespace).Create(t.Context(), binding, metav1.CreateOptions{}))
				record(t, book, rights.Role, role)
				record(t, book, rights.RoleBinding, binding)
			}
			as := rest.CopyConfig(server)
			as.Impersonate = rest.ImpersonationConfig{UserName: who.Name}
			theirs := kubernetes.NewForConfigOrDie(as)
			// The API server's own cache of roles follows after a moment.
			until(t, "the API server knows the role", func() bool {
				_, err := theirs.CoreV1().Namespaces().Get(t.Context(), "inside", metav1.GetOptions{})
				return (err == nil) == tc.reads
			})
			listed := book.Listed("site", who, namespaces)
			_, err := theirs.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
			if listed.All != (err == nil) {
				t.Errorf("%s: a list: Kubernetes says %v, the book %v", tc.reason, err, listed.All)
			}
			for _, namespace := range list("inside", "outside") {
				_, err := theirs.CoreV1().Namespaces().Get(t.Context(), namespace, metav1.GetOptions{})
				if got := listed.Covers("", namespace); got != (err == nil) {
					t.Errorf("%s: get %s: Kubernetes says %v, the book %v", tc.reason, namespace, err, got)
				}
			}
		})
	}
}

func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in a minute it did not happen that %s", what)
		}
	}
}

var (
	madeOnce sync.Once
	made     *rights.Book
)

// bound is the book of all objects of the test, which are made once for all tests.
func bound(t *testing.T, client kubernetes.Interface) *rights.Book {
	t.Helper()
	madeOnce.Do(func() {
		book := rights.NewBook()
		makeAll(t, client, book)
		made = book
	})
	if made == nil {
		t.Fatal("the objects could not be made")
	}
	return made
}

func contains(values []string, wanted string) bool {
	for _, value := range values {
		if value == wanted {
			return true
		}
	}
	return false
}

// makeAll makes the four kinds of objects at the API server and, as it gives them out, in the book.
func makeAll(t *testing.T, client kubernetes.Interface, book *rights.Book) {
	t.Helper()
	ctx := t.Context()
	clusterRoles, locals, clusterBindings, bindings := objects()
	for _, namespace := range list("one", "two") {
		check(t)(client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}))
	}
	for i := range clusterRoles {
		check(t)(client.RbacV1().ClusterRoles().Create(ctx, &clusterRoles[i], metav1.CreateOptions{}))
	}
	for i := range locals {
		check(t)(client.RbacV1().Roles(locals[i].Namespace).Create(ctx, &locals[i], metav1.CreateOptions{}))
		record(t, book, rights.Role, &locals[i])
	}
	for i := range clusterBindings {
		check(t)(client.RbacV1().ClusterRoleBindings().Create(ctx, &clusterBindings[i], metav1.CreateOptions{}))
		record(t, book, rights.ClusterRoleBinding, &clusterBindings[i])
	}
	for i := range bindings {
		check(t)(client.RbacV1().RoleBindings(bindings[i].Namespace).Create(ctx, &bindings[i], metav1.CreateOptions{}))
		record(t, book, rights.RoleBinding, &bindings[i])
	}
	for i := range clusterRoles {
		record(t, book, rights.ClusterRole, aggregate(t, client, &clusterRoles[i]))
	}
	world{client, book}.settle(t, "all")
}

// aggregate waits until the controller has filled a role in, if it is one that is.
func aggregate(t *testing.T, client kubernetes.Interface, role *rbacv1.ClusterRole) *rbacv1.ClusterRole {
	t.Helper()
	until(t, "the controller fills in "+role.Name, func() bool {
		if role.AggregationRule == nil || len(role.Rules) > 0 {
			return true
		}
		var err error
		if role, err = client.RbacV1().ClusterRoles().Get(t.Context(), role.Name, metav1.GetOptions{}); err != nil {
			t.Fatal(err)
		}
		return false
	})
	return role
}

// record puts an object into the book by the way that the watched ones take.
func record(t *testing.T, book *rights.Book, kind rights.Kind, object metav1.Object) {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	part, err := rights.Trim(text)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := rights.Decode(part, object.GetNamespace(), object.GetName())
	if err != nil {
		t.Fatal(err)
	}
	book.Put("site", kind, kept)
}

func check(t *testing.T) func(object any, err error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func allowed(t *testing.T, client kubernetes.Interface, who rights.User, verb, namespace, object string) bool {
	t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: who.Name, Groups: who.Groups,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: verb, Group: machines.Group, Version: "v1", Resource: machines.Resource, Namespace: namespace, Name: object,
		},
	}}
	answer, err := client.AuthorizationV1().SubjectAccessReviews().Create(context.Background(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status.Allowed
}

// TestChanges holds that an answer follows its objects: what was remembered is not kept too long.
func TestChanges(t *testing.T) {
	ann := rights.User{Name: "ann"}
	viewer := &rights.Object{Name: "viewer", Rules: roles["viewer"]}
	ref := to("ClusterRole", "viewer")
	binding := &rights.Object{Namespace: "one", Name: "b", RoleRef: &ref, Subjects: []rbacv1.Subject{user("ann")}}
	one := rights.Grant{Namespaces: list("one")}
	cases := map[string]struct {
		reason string
		do     func(*rights.Book)
		want   rights.Grant
	}{
		"Bound":       {"the role and the binding are there", func(*rights.Book) {}, one},
		"Unbound":     {"a removed binding grants nothing", func(b *rights.Book) { b.Remove("site", rights.RoleBinding, "one", "b") }, rights.Grant{}},
		"RoleRemoved": {"nor does a removed role", func(b *rights.Book) { b.Remove("site", rights.ClusterRole, "", "viewer") }, rights.Grant{}},
		"RoleEmptied": {"nor one without rules", func(b *rights.Book) { b.Put("site", rights.ClusterRole, &rights.Object{Name: "viewer"}) }, rights.Grant{}},
		"SubjectRemoved": {"a binding for somebody else", func(b *rights.Book) {
			b.Put("site", rights.RoleBinding, &rights.Object{Namespace: "one", Name: "b", RoleRef: &ref})
		}, rights.Grant{}},
		"SameNameLocal": {"a role of the same name is another", func(b *rights.Book) { b.Put("site", rights.Role, &rights.Object{Namespace: "one", Name: "viewer"}) }, one},
		"OtherSite":     {"another site's objects say nothing here", func(b *rights.Book) { b.Remove("other", rights.RoleBinding, "one", "b") }, one},
		"SiteForgotten": {"a site that left grants nothing", func(b *rights.Book) { b.Forget("site") }, rights.Grant{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			book := rights.NewBook()
			book.Put("site", rights.ClusterRole, viewer)
			book.Put("site", rights.RoleBinding, binding)
			if diff := cmp.Diff(one, book.Listed("site", ann, machines)); diff != "" {
				t.Fatalf("before: (-want +got)\n%s", diff)
			}
			tc.do(book)
			if diff := cmp.Diff(tc.want, book.Listed("site", ann, machines)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

package rights_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"

	"crofthci.io/croft/fleet/index/rights"
)

// seedVariable names the environment variable with another seed for TestRandomAsKubernetes.
const seedVariable = "CROFT_SEED"

// The words of which random rules and questions are made: every type that the hub lists, some that it does not, and what
// means many at once. The hub takes words as they come, so some mean nothing.
var (
	someVerbs     = list("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*", "GET")
	someResources = []schema.GroupResource{
		machines, {Group: "kubevirt.io", Resource: "virtualmachineinstances"}, {Resource: "nodes"}, {Resource: "namespaces"},
		{Resource: "persistentvolumeclaims"}, {Group: "harvesterhci.io", Resource: "virtualmachineimages"},
		{Group: "harvesterhci.io", Resource: "virtualmachinetemplates"}, {Group: "harvesterhci.io", Resource: "virtualmachinebackups"},
		{Group: "snapshot.storage.k8s.io", Resource: "volumesnapshots"}, {Group: "storage.k8s.io", Resource: "storageclasses"},
		{Group: "k8s.cni.cncf.io", Resource: "network-attachment-definitions"},
		{Group: "loadbalancer.harvesterhci.io", Resource: "loadbalancers"}, {Group: "subresources.kubevirt.io", Resource: "virtualmachines"},
	}
	someParts  = list("", "", "", "status", "restart")
	someNames  = list("web", "db", "one", "*")
	somePlaces = list("one", "two", "three", "nowhere")
)

// chance makes random roles, bindings, users and questions.
type chance struct{ *rand.Rand }

func pick[T any](c chance, from []T) T { return from[c.IntN(len(from))] }

// few are up to three of some values.
func few[T any](c chance, from []T) []T {
	values := make([]T, 0, 3)
	for range 1 + c.IntN(3) {
		values = append(values, pick(c, from))
	}
	return values
}

func (c chance) rule() rbacv1.PolicyRule {
	r := rbacv1.PolicyRule{Verbs: few(c, someVerbs)}
	for _, resource := range few(c, someResources) {
		r.APIGroups = append(r.APIGroups, resource.Group)
		name := resource.Resource
		switch c.IntN(8) {
		case 0:
			name = "*"
		case 1:
			name += "/" + pick(c, list("status", "restart", "*"))
		case 2:
			name = "*/" + pick(c, list("status", "restart"))
		}
		r.Resources = append(r.Resources, name)
	}
	if c.IntN(8) == 0 {
		r.APIGroups = append(r.APIGroups, "*")
	}
	if c.IntN(3) == 0 {
		r.ResourceNames = few(c, someNames)
	}
	return r
}

func (c chance) rules() []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{c.rule()}
	for c.IntN(2) == 0 {
		rules = append(rules, c.rule())
	}
	return rules
}

func (c chance) subject() rbacv1.Subject {
	switch c.IntN(4) {
	case 0:
		return rbacv1.Subject{Kind: "ServiceAccount", Name: "account-" + strconv.Itoa(c.IntN(3)), Namespace: pick(c, list("one", "two"))}
	case 1:
		return group(pick(c, list("random-group-0", "random-group-1", "random-group-2", "system:serviceaccounts:two", "random-user-0")))
	default:
		return user(pick(c, list("random-user-0", "random-user-1", "random-user-2", "random-user-3", "system:serviceaccount:one:account-0")))
	}
}

func (c chance) user() rights.User {
	if c.IntN(4) == 0 {
		return rights.User{Name: "system:serviceaccount:" + pick(c, list("one", "two", "three")) + ":account-" + strconv.Itoa(c.IntN(3))}
	}
	who := rights.User{Name: "random-user-" + strconv.Itoa(c.IntN(5))}
	for c.IntN(2) == 0 {
		who.Groups = append(who.Groups, "random-group-"+strconv.Itoa(c.IntN(4)))
	}
	return who
}

func (c chance) deed() rights.Deed {
	resource := pick(c, someResources)
	deed := rights.Deed{Verb: pick(c, someVerbs[:8]), Group: resource.Group, Resource: resource.Resource, Subresource: pick(c, someParts)}
	deed.Namespace, deed.Name = pick(c, append(somePlaces, "")), pick(c, append(someNames[:3:3], "", ""))
	return deed
}

// world is what is made at the API server and in the book alike.
type world struct {
	client kubernetes.Interface
	book   *rights.Book
}

// clusterRole makes a cluster role; one with an aggregation is recorded when the controller has filled it in.
func (w world) clusterRole(t *testing.T, role *rbacv1.ClusterRole) {
	t.Helper()
	check(t)(w.client.RbacV1().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{}))
	if role.AggregationRule == nil {
		record(t, w.book, rights.ClusterRole, role)
	}
}

func (w world) role(t *testing.T, role *rbacv1.Role) {
	t.Helper()
	check(t)(w.client.RbacV1().Roles(role.Namespace).Create(t.Context(), role, metav1.CreateOptions{}))
	record(t, w.book, rights.Role, role)
}

func (w world) bind(t *testing.T, name, namespace string, ref rbacv1.RoleRef, subjects ...rbacv1.Subject) {
	t.Helper()
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	if namespace == "" {
		binding := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects}
		check(t)(w.client.RbacV1().ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{}))
		record(t, w.book, rights.ClusterRoleBinding, binding)
		return
	}
	binding := &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects}
	check(t)(w.client.RbacV1().RoleBindings(namespace).Create(t.Context(), binding, metav1.CreateOptions{}))
	record(t, w.book, rights.RoleBinding, binding)
}

// TestRandomAsKubernetes makes random roles and bindings at a real API server, aggregated ones among them, and asks it and
// the book the same random questions. The seed is told; with CROFT_SEED it is another one.
func TestRandomAsKubernetes(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv(seedVariable), 10, 64)
	if err != nil {
		seed = 1
	}
	t.Logf("%s=%d", seedVariable, seed)
	c := chance{rand.New(rand.NewPCG(seed, 0))}
	client := kubernetes.NewForConfigOrDie(server)
	w := world{client, bound(t, client)}
	w.makeRandom(t, c)
	w.settle(t, "random")
	allowed, asked := 0, 3000
	for range asked {
		who, deed := c.user(), c.deed()
		want := review(t, client, who, deed)
		if got := w.book.Explain("site", who, deed); got.Allowed != want {
			t.Fatalf("%+v may %+v: Kubernetes says %v, the book %+v", who, deed, want, got)
		}
		w.compare(t, who, deed, want)
		if want {
			allowed++
		}
	}
	t.Logf("%d questions, %d answered with yes", asked, allowed)
	if allowed < asked/20 || allowed > asked*19/20 {
		t.Errorf("%d of %d questions were answered with yes: they tell little", allowed, asked)
	}
}

// compare holds what lists and single rows show against the same answer.
func (w world) compare(t *testing.T, who rights.User, deed rights.Deed, want bool) {
	t.Helper()
	resource := schema.GroupResource{Group: deed.Group, Resource: deed.Resource}
	if deed.Subresource != "" || resource.Resource == "namespaces" {
		return
	}
	var got bool
	switch listed := w.book.Listed("site", who, resource); {
	case deed.Verb == "get" && deed.Name != "":
		got = w.book.Got("site", who, resource).Covers(deed.Namespace, deed.Name)
	case deed.Verb == "list" && deed.Name == "" && deed.Namespace == "":
		got = listed.All
	case deed.Verb == "list" && deed.Name == "":
		got = listed.All || slices.Contains(listed.Namespaces, deed.Namespace)
	default:
		return
	}
	if got != want {
		t.Errorf("%+v may %+v: Kubernetes says %v, what is shown %v", who, deed, want, got)
	}
}

// makeRandom makes roles, local and of the cluster, some of which make up others, and bindings to all of them.
func (w world) makeRandom(t *testing.T, c chance) {
	t.Helper()
	const count = 30
	for i := range count {
		name := fmt.Sprintf("random-%d", i)
		labels := map[string]string{"random/part-of": strconv.Itoa(i % 5)}
		w.clusterRole(t, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Rules: c.rules()})
		w.role(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: pick(c, list("one", "two"))}, Rules: c.rules()})
	}
	for i := range 2 {
		sum := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("random-%d", count+i)}, AggregationRule: &rbacv1.AggregationRule{
			ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"random/part-of": strconv.Itoa(i)}}},
		}}
		w.clusterRole(t, sum)
		record(t, w.book, rights.ClusterRole, aggregate(t, w.client, sum))
	}
	for i := range count {
		name := fmt.Sprintf("random-%d", i)
		if i%6 == 0 {
			w.bind(t, name, "", to("ClusterRole", fmt.Sprintf("random-%d", c.IntN(count+2))), c.subject(), c.subject())
		}
		for _, place := range list("one", "two") {
			w.bind(t, name, place, to(pick(c, list("Role", "ClusterRole")), fmt.Sprintf("random-%d", c.IntN(count+2))), c.subject())
		}
	}
}

// settle waits until the API server's own caches have everything that was made before. Each of the four kinds comes in
// order, so the last of each is waited for.
func (w world) settle(t *testing.T, name string) {
	t.Helper()
	name = "last-of-" + name
	last := []rbacv1.PolicyRule{rule(list("get"), list("settled"), list("things"))}
	w.clusterRole(t, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: last})
	w.role(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "one"}, Rules: last})
	w.bind(t, name, "", to("ClusterRole", name), user(name+"-everywhere"))
	w.bind(t, name, "one", to("Role", name), user(name+"-in-one"))
	until(t, "the API server knows the last roles and bindings", func() bool {
		deed := rights.Deed{Verb: "get", Group: "settled", Resource: "things", Namespace: "one", Name: "x"}
		return review(t, w.client, rights.User{Name: name + "-everywhere"}, deed) && review(t, w.client, rights.User{Name: name + "-in-one"}, deed)
	})
}

// TestThousandsOfNamespaces gives somebody rights in every second of two thousand namespaces, as Rancher's projects do, and
// asks for each.
func TestThousandsOfNamespaces(t *testing.T) {
	const count = 2000
	client := kubernetes.NewForConfigOrDie(server)
	w := world{client, bound(t, client)}
	name := func(i int) string { return fmt.Sprintf("many-%04d", i) }
	each(t, count, func(ctx context.Context, i int) error {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name(i)}}
		if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil || i%2 == 1 {
			return err
		}
		binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: name(i), Name: "many"}, RoleRef: to("ClusterRole", "viewer"), Subjects: []rbacv1.Subject{group("many")}}
		_, err := client.RbacV1().RoleBindings(name(i)).Create(ctx, binding, metav1.CreateOptions{})
		return err
	})
	made, err := client.RbacV1().RoleBindings("").List(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=many"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range made.Items {
		record(t, w.book, rights.RoleBinding, &made.Items[i])
	}
	w.settle(t, "many")
	who := rights.User{Name: "somebody", Groups: list("many")}
	listed := w.book.Listed("site", who, machines)
	if len(listed.Namespaces) != count/2 {
		t.Errorf("the book shows %d namespaces, want %d", len(listed.Namespaces), count/2)
	}
	each(t, count+10, func(_ context.Context, i int) error {
		want := review(t, client, who, rights.Deed{Verb: "list", Group: machines.Group, Resource: machines.Resource, Namespace: name(i)})
		if got := listed.Covers(name(i), "any"); got != want {
			t.Errorf("list in %s: Kubernetes says %v, the book %v", name(i), want, got)
		}
		return nil
	})
}

// each does a thing so many times, some at once.
func each(t *testing.T, count int, do func(context.Context, int) error) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(16)
	for i := range count {
		group.Go(func() error { return do(ctx, i) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

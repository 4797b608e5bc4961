package right

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

const cluster = "c-m-1"

func newRegistry(t *testing.T, objects ...client.Object) *Registry {
	t.Helper()

	scheme := runtime.NewScheme()
	if err := errors.Join(rancher.AddToScheme(scheme), corev1.AddToScheme(scheme), rbacv1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}

	live := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&management.Project{}).Build()
	registry := NewRegistry(live, live)
	registry.Clusters = &downstream.Clusters{Reader: live, Secrets: live, Tunnel: tunnel.New(func(string) {}, nil)}

	return registry
}

func reconciled(t *testing.T, r *Registry) {
	t.Helper()

	if _, err := r.reconcileCluster(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: cluster}}); err != nil {
		t.Fatal(err)
	}
}

func project() *management.Project {
	return &management.Project{
		ObjectMeta: metav1.ObjectMeta{Namespace: cluster, Name: "p-1"}, Spec: management.ProjectSpec{ClusterName: cluster},
	}
}

// world is a cluster with an owner, a project, a member of the project and a provisioning cluster.
func world() []client.Object {
	return []client.Object{
		&management.Cluster{ObjectMeta: metav1.ObjectMeta{Name: cluster}},
		&management.User{ObjectMeta: metav1.ObjectMeta{Name: "u-owner"}},
		&management.User{ObjectMeta: metav1.ObjectMeta{Name: "u-member"}},
		project(),
		&management.ClusterRoleTemplateBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: cluster, Name: "crtb-1"}, ClusterName: cluster, UserName: "u-owner", RoleTemplateName: ownerRole,
		},
		&management.ProjectRoleTemplateBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: "c-m-1-p-1", Name: "prtb-1"}, ProjectName: "c-m-1:p-1", UserName: "u-member", RoleTemplateName: "project-member",
		},
		&provisioning.Cluster{
			ObjectMeta: metav1.ObjectMeta{Namespace: provisioning.DefaultNamespace, Name: "north"}, Status: provisioning.ClusterStatus{ClusterName: cluster},
		},
		&provisioning.Cluster{ObjectMeta: metav1.ObjectMeta{Namespace: provisioning.DefaultNamespace, Name: "south"}, Status: provisioning.ClusterStatus{ClusterName: "c-m-2"}},
	}
}

// allowed says in short what roles in namespaces give to whom.
func allowed(t *testing.T, r *Registry) []string {
	t.Helper()

	var (
		roles    rbacv1.RoleList
		bindings rbacv1.RoleBindingList
		result   []string
	)
	if err := errors.Join(r.live.List(t.Context(), &roles), r.live.List(t.Context(), &bindings)); err != nil {
		t.Fatal(err)
	}

	for _, binding := range bindings.Items {
		for _, role := range roles.Items {
			if role.Namespace != binding.Namespace || role.Name != binding.RoleRef.Name {
				continue
			}

			for _, rule := range role.Rules {
				result = append(result, strings.Join([]string{
					binding.Subjects[0].Name, binding.Namespace, strings.Join(rule.Verbs, ","),
					strings.Join(append(rule.Resources, rule.ResourceNames...), ","),
				}, " "))
			}
		}
	}

	slices.Sort(result)

	return result
}

func TestReconcileHub(t *testing.T) {
	registry := newRegistry(t, world()...)
	reconciled(t, registry)

	want := []string{
		"u-member c-m-1 get,list,watch projects",
		"u-member fleet-default get,list,watch clusters,north",
		"u-owner c-m-1 * projects,clusterroletemplatebindings,clusterregistrationtokens",
		"u-owner c-m-1-p-1 * projectroletemplatebindings",
		"u-owner fleet-default get,list,watch clusters,north",
	}
	if diff := cmp.Diff(want, allowed(t, registry)); diff != "" {
		t.Errorf("members see their cluster, owners give rights on its projects too (-want, +got):\n%s", diff)
	}

	have := project()
	if err := registry.live.Get(t.Context(), client.ObjectKeyFromObject(have), have); err != nil || have.Status.BackingNamespace != "c-m-1-p-1" {
		t.Errorf("the project must tell where its bindings are, got %q, %v", have.Status.BackingNamespace, err)
	}
}

func TestProjectGone(t *testing.T) {
	registry := newRegistry(t, append(world(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "c-m-1-somebody"}})...)
	reconciled(t, registry)

	given, err := registry.given(t.Context(), cluster, []string{"p-1"})
	if err != nil || len(given.Projects) != 1 {
		t.Fatalf("a binding on a project counts, got %v, %v", given.Projects, err)
	}

	if err := registry.live.Delete(t.Context(), project()); err != nil {
		t.Fatal(err)
	}

	reconciled(t, registry)

	given, err = registry.given(t.Context(), cluster, nil)
	if err != nil || len(given.Projects) != 0 {
		t.Errorf("a binding on a project that is gone gives nothing, got %v, %v", given.Projects, err)
	}

	var left corev1.NamespaceList
	if err := registry.live.List(t.Context(), &left); err != nil {
		t.Fatal(err)
	}

	if len(left.Items) != 1 || left.Items[0].Name != "c-m-1-somebody" {
		t.Errorf("the project's namespace goes with its bindings, and no other, got %v", left.Items)
	}

	if got := allowed(t, registry); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "u-member") }) {
		t.Errorf("who had a right on the project alone does not see the cluster any more, got %v", got)
	}
}

// TestProjectUnknown holds that the namespace of a project which the cache does not know yet stays, with its bindings.
func TestProjectUnknown(t *testing.T) {
	registry := newRegistry(t, world()...)
	reconciled(t, registry)

	behind := newRegistry(t, slices.DeleteFunc(world(), func(o client.Object) bool {
		_, is := o.(*management.Project)

		return is
	})...)
	registry.cached = behind.cached
	reconciled(t, registry)

	namespace := &corev1.Namespace{}
	if err := registry.live.Get(t.Context(), client.ObjectKey{Name: "c-m-1-p-1"}, namespace); err != nil {
		t.Errorf("the project's namespace and every right that was given there would be lost: %v", err)
	}
}

func TestBringPlanted(t *testing.T) {
	want := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "web", Name: "rb-1", Labels: labels()},
		RoleRef:    roleRef("edit"), Subjects: []rbacv1.Subject{userSubject("u-1")},
	}
	cases := map[string]struct {
		reason  string
		planted rbacv1.RoleBinding
	}{
		"Other":      {"another role for somebody else", rbacv1.RoleBinding{RoleRef: roleRef("view"), Subjects: []rbacv1.Subject{userSubject("u-2")}}},
		"Unlabelled": {"the right one without our labels would never be withdrawn", rbacv1.RoleBinding{RoleRef: want.RoleRef, Subjects: want.Subjects}},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.planted.Namespace, tc.planted.Name = "web", "rb-1"
			registry := newRegistry(t, &tc.planted)

			err := bring(t.Context(), registry.live, &rbacv1.RoleBindingList{}, []client.Object{want.DeepCopy()}, client.MatchingLabels{LabelOwned: ownedSite})
			if err != nil {
				t.Fatal(err)
			}

			got := &rbacv1.RoleBinding{}
			if err := registry.live.Get(t.Context(), client.ObjectKeyFromObject(want), got); err != nil {
				t.Fatal(err)
			}

			if !same(got, want) || got.Labels[LabelOwned] != ownedSite {
				t.Errorf("%s: got %v", tc.reason, got)
			}
		})
	}
}

// TestUserGone looks at a binding whose user the cache does not know: he left, or he came a moment ago.
func TestUserGone(t *testing.T) {
	binding := &management.GlobalRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "grb-1"}, UserName: "u-1", GlobalRoleName: "admin"}
	mine := []client.Object{
		binding,
		&management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-1"}, UserID: "u-1"},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "cattle-local-user-passwords", Name: "u-1"}},
	}

	cases := map[string]struct {
		reason string
		live   []client.Object
		want   bool
	}{
		"New":  {"a cache that is behind must not cost a new user his rights, his password and his tokens", []client.Object{&management.User{ObjectMeta: metav1.ObjectMeta{Name: "u-1"}}}, true},
		"Gone": {"who is gone leaves nothing", nil, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			registry := newRegistry(t, append(tc.live, mine...)...)
			// The cache has the binding and not the user.
			registry.cached = newRegistry(t, binding.DeepCopy()).live

			if _, err := registry.reconcileUser(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "u-1"}}); err != nil {
				t.Fatal(err)
			}

			for _, object := range mine {
				err := registry.live.Get(t.Context(), client.ObjectKeyFromObject(object), object.DeepCopyObject().(client.Object))
				if there := err == nil; there != tc.want {
					t.Errorf("%s: is %T there: %t, want %t (%v)", tc.reason, object, there, tc.want, err)
				}
			}
		})
	}
}

package rights

import (
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestSiteBySite holds that a change of one site's RBAC makes what was worked out of the others no less valid, for users
// with thousands of namespaces too.
func TestSiteBySite(t *testing.T) {
	book, ann, machines := NewBook(), User{Name: "ann"}, schema.GroupResource{Group: "kubevirt.io", Resource: "virtualmachines"}
	ref := &rbacv1.RoleRef{Kind: "ClusterRole", Name: "viewer"}
	viewer := &Object{Name: "viewer", Rules: []rbacv1.PolicyRule{{Verbs: []string{"list"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines"}}}}
	bind := func(site string, namespace int) {
		book.Put(site, RoleBinding, &Object{Namespace: fmt.Sprintf("team-%04d", namespace), Name: "ann", RoleRef: ref, Subjects: []rbacv1.Subject{{Kind: "User", Name: "ann"}}})
	}
	for _, site := range []string{"a", "b"} {
		book.Put(site, ClusterRole, viewer)
		for namespace := range 5000 {
			bind(site, namespace)
		}
		if got := len(book.Listed(site, ann, machines).Namespaces); got != 5000 {
			t.Fatalf("site %s shows %d namespaces", site, got)
		}
	}
	kept := book.Listed("b", ann, machines).Namespaces
	bind("a", 5000)
	if got := len(book.Listed("a", ann, machines).Namespaces); got != 5001 {
		t.Errorf("the site that has changed shows %d namespaces", got)
	}
	again := book.Listed("b", ann, machines).Namespaces
	if &kept[0] != &again[0] {
		t.Error("the other site's answer was worked out anew")
	}
	if few := testing.AllocsPerRun(100, func() { book.Listed("b", ann, machines) }); few > 20 {
		t.Errorf("an answer that is known takes %.0f allocations", few)
	}
}

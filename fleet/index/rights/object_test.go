package rights_test

import (
	"encoding/json"
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index/rights"
)

// TestLongRole holds that a role with very many rules still shows what it shows, and says that it is not all there.
func TestLongRole(t *testing.T) {
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "long"}, Rules: roles["viewer"]}
	for i := range 2000 {
		role.Rules = append(role.Rules, rule(list("create", "update", "patch", "delete"), list(fmt.Sprintf("group-%d.example.com", i)), list("things")))
	}
	text, err := json.Marshal(role)
	if err != nil {
		t.Fatal(err)
	}
	part, err := rights.Trim(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(part) > 64<<10 {
		t.Errorf("%d bytes are kept, more than the index takes", len(part))
	}
	book := rights.NewBook()
	record(t, book, rights.ClusterRole, role)
	record(t, book, rights.ClusterRoleBinding, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "long"}, RoleRef: to("ClusterRole", "long"), Subjects: []rbacv1.Subject{user("ann")}})
	ann := rights.User{Name: "ann"}
	if !book.Listed("site", ann, machines).All {
		t.Error("the rows that the role shows are not shown")
	}
	e := book.Explain("site", ann, rights.Deed{Verb: "create", Group: "group-7.example.com", Resource: "things"})
	if e.Allowed || !e.Unsure {
		t.Errorf("got %+v, want that it is not known", e)
	}
	record(t, book, rights.ClusterRole, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "long"}, Rules: roles["viewer"]})
	if e := book.Explain("site", ann, rights.Deed{Verb: "create", Resource: "things"}); e.Unsure {
		t.Error("a role that has become short is still called unsure")
	}
}

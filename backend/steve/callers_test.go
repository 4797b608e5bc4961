package steve_test

import (
	"net/http"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestRowsOfCallers lists one object that does not change for callers in turn, while one of them gets fewer rights: what
// is kept of it for the others must not reach him.
func TestRowsOfCallers(t *testing.T) {
	const name = "dwindler"
	switching := rbacv1.PolicyRule{Verbs: []string{"update"}, APIGroups: []string{gadgetVersion.Group}, Resources: []string{"gadgets/switchon"}}
	token := guest(t, name, map[string][]rbacv1.PolicyRule{home: append(seeing(), switching)})
	have(t, home, "shared", map[string]any{"on": false})
	offers := func(token string) (switchOn, known bool) {
		got := send(t, site.port, http.MethodGet, "/v1/"+collection+"?filter=metadata.name=shared", "", map[string]string{"Authorization": "Bearer " + token})
		if rows := got.rows(); len(rows) == 1 {
			return rows[0].field("actions", "switchOn") != nil, rows[0].field("unavailable", "switchOn") == nil
		}
		return false, false
	}
	eventually(t, "the guest may switch it on", func() bool {
		switchOn, known := offers(token)
		return switchOn && known
	})
	for range 3 {
		if switchOn, _ := offers(site.tokens[reader]); switchOn {
			t.Error("the reader is offered what the guest may do")
		}
		if switchOn, _ := offers(site.tokens[admin]); !switchOn {
			t.Error("the admin is offered what the reader may do")
		}
	}
	lesser := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}, Rules: seeing()}
	if err := site.admin.Update(t.Context(), lesser); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the guest may no longer", func() bool {
		_, listed := offers(site.tokens[admin]) // who keeps the object's verdict warm
		switchOn, known := offers(token)
		return listed && !switchOn && !known
	})
}

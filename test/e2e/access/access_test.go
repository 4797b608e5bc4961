// Package access tests that a user of one namespace of one site gets that and
// nothing else, on every way in.
package access

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	tenant   = "tenant"
	password = "a-password-of-tests-1"
)

// machine says where a machine is.
type machine struct{ site, namespace, name string }

func TestOneNamespace(t *testing.T) {
	s := stage.Open(t)
	home, elsewhere := s.Site(t, "site-1"), s.Site(t, "site-2")
	user := member(t, s, home, tenant, "project-member")

	machines := []machine{{home, tenant, "mine"}, {home, "default", "neighbour"}, {elsewhere, "default", "stranger"}}
	for _, m := range machines {
		s.Admin.MakeMachine(t, m.site, stage.Diskless(m.namespace, m.name))
		s.WaitState(t, m.site, m.namespace, m.name, "Running", 2*time.Minute)
	}

	listed(t, user, machines[0])
	for _, row := range user.Rows(t, "") {
		if row.Site != home || row.Namespace != tenant {
			t.Errorf("the list shows %s", row.ID)
		}
	}
	for _, row := range user.Rows(t, "?filter=namespace=default&projectsornamespaces=default") {
		t.Errorf("a filter shows %s", row.ID)
	}

	var page struct{ Names []string }
	s.Browse(t, &page, map[string]string{"CROFT_USER": tenant, "CROFT_PASSWORD": password}, "list.mjs", tenant)
	if len(page.Names) != 1 || page.Names[0] != "mine" {
		t.Errorf("the user's page shows %v", page.Names)
	}

	told := user.Subscribe(t, "virtualmachine", "site")
	for _, m := range machines[1:] {
		t.Run(m.name, func(t *testing.T) { untouched(t, s, user, m) })
	}
	onlyOwn(t, s, user, machines[0], told, machines[1:])

	stage.Eventually(t, "the user stops his own machine", time.Minute, func() error {
		code, answer, err := user.Try("POST", stage.MachinePath(home, tenant, "mine")+"?action=stop", map[string]any{})
		if err != nil {
			return err
		}
		if code != http.StatusNoContent {
			return fmt.Errorf("%d %s", code, answer)
		}
		return nil
	})
	s.WaitState(t, home, tenant, "mine", "Stopped", 2*time.Minute)
}

// TestStrangers sends what nobody may send.
func TestStrangers(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	for _, path := range []string{
		"/v1/croft/virtualmachines", "/v1/croft/sites", "/v1/management.cattle.io.clusters", "/v3/users",
		stage.OfSite(id, "kubevirt.io.virtualmachines"), "/k8s/clusters/" + id + "/api/v1/secrets",
	} {
		s.Admin.As("").Refused(t, http.StatusUnauthorized, "GET", path, nil)
		s.Admin.As("token-abcde:wrong").Refused(t, http.StatusUnauthorized, "GET", path, nil)
	}
	s.Admin.As("").Refused(t, http.StatusUnauthorized, "POST", "/v3-public/localProviders/local?action=login",
		map[string]any{"username": "admin", "password": "wrong"})
}

// member makes a user with a role in a project of one namespace of a site, which
// has his name, and logs in.
func member(t *testing.T, s *stage.Stage, site, name, role string) *stage.Client {
	t.Helper()
	var user, project struct{ ID string }
	s.Admin.Must(t, "POST", "/v3/users", map[string]any{
		"type": "user", "username": name, "name": name, "password": password, "enabled": true, "mustChangePassword": false,
	}, &user)
	s.Admin.Must(t, "POST", "/v3/globalrolebindings", map[string]any{"globalRoleId": "user", "userId": user.ID}, nil)
	s.Admin.Must(t, "POST", "/v3/projects", map[string]any{"type": "project", "name": name, "clusterId": site}, &project)
	s.Admin.Must(t, "POST", "/k8s/clusters/"+site+"/api/v1/namespaces", map[string]any{
		"apiVersion": "v1", "kind": "Namespace",
		"metadata": map[string]any{"name": name, "annotations": map[string]any{"field.cattle.io/projectId": project.ID}},
	}, nil)
	s.Admin.Must(t, "POST", "/v3/projectroletemplatebindings", map[string]any{
		"type": "projectRoleTemplateBinding", "projectId": project.ID, "userId": user.ID, "roleTemplateId": role,
	}, nil)
	member := s.Admin.Login(t, name, password)
	readable(t, member, stage.OfSite(site, "configmaps/"+name))
	return member
}

// readable waits until a user may read something: what is granted at the hub is in force at a site a moment later.
func readable(t *testing.T, user *stage.Client, path string) {
	t.Helper()
	stage.Eventually(t, "the user reads "+path, time.Minute, func() error {
		code, answer, err := user.Try(http.MethodGet, path, nil)
		if err == nil && code != http.StatusOK {
			err = fmt.Errorf("%d %s", code, answer)
		}
		return err
	})
}

// listed waits until a user's list of all sites has a machine.
func listed(t *testing.T, user *stage.Client, m machine) {
	t.Helper()
	readable(t, user, "/v1/croft/virtualmachines/"+m.site+"/"+m.namespace+"/"+m.name)
}

// hidden tells that an object is not to be seen.
func hidden(t *testing.T, user *stage.Client, path string) {
	t.Helper()
	code, answer, err := user.Try("GET", path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !refused(code) {
		t.Errorf("GET %s: %d %s", path, code, answer)
	}
}

// refused says whether an answer tells a user nothing: forbidden, or not there.
func refused(code int) bool {
	return code == http.StatusForbidden || code == http.StatusNotFound
}

package peer

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	tenant         = "tenant"
	tenantPassword = "a-password-of-tests-2"
)

// member shows that a user to whom a hub gave rights on one project of a site
// sees that and nothing else, in the real Rancher and in ours.
func (w *world) member(t *testing.T) {
	for _, c := range []struct {
		hub  *hub
		site string
	}{{w.rancher, w.site}, {w.ours, w.oursite}} {
		t.Run(c.hub.Name, func(t *testing.T) { onlyHisProject(t, c.hub, c.site) })
	}
}

func onlyHisProject(t *testing.T, h *hub, site string) {
	s := seen(h)
	user := tenantOf(t, h.admin, site)
	for _, namespace := range []string{tenant, "default"} {
		h.admin.MakeMachine(t, site, stage.Diskless(namespace, "of-"+namespace))
		s.WaitState(t, site, namespace, "of-"+namespace, "Running", 2*time.Minute)
	}

	stage.Eventually(t, "the user sees his machine", time.Minute, func() error {
		var rows struct{ Data []stage.Row }
		if err := ask(user, http.MethodGet, "/v1/croft/virtualmachines", nil, &rows); err != nil {
			return err
		}
		if len(rows.Data) != 1 || rows.Data[0].Namespace != tenant {
			return fmt.Errorf("he sees %+v", rows.Data)
		}
		return nil
	})
	var list struct{ Data []struct{ ID string } }
	stage.Eventually(t, "the site shows him his machine", time.Minute, func() error {
		if err := ask(user, http.MethodGet, stage.OfSite(site, "kubevirt.io.virtualmachines"), nil, &list); err != nil {
			return err
		}
		if len(list.Data) != 1 || list.Data[0].ID != tenant+"/of-"+tenant {
			return fmt.Errorf("it shows %+v", list.Data)
		}
		return nil
	})

	neighbour := stage.MachinePath(site, "default", "of-default")
	user.Refused(t, http.StatusForbidden, "POST", neighbour+"?action=stop", map[string]any{})
	user.Refused(t, http.StatusForbidden, "GET", "/k8s/clusters/"+site+"/apis/kubevirt.io/v1/namespaces/default/virtualmachines/of-default", nil)
	user.Refused(t, http.StatusForbidden, "GET", "/k8s/clusters/"+site+"/api/v1/secrets", nil)
	if code, text := user.Act(t, site, tenant, "of-"+tenant, "stop", nil); code != http.StatusNoContent {
		t.Errorf("he stops his own machine: %d %s", code, text)
	}
	s.WaitState(t, site, tenant, "of-"+tenant, "Stopped", 2*time.Minute)
	s.WaitState(t, site, "default", "of-default", "Running", time.Minute)
}

// tenantOf makes a user with a project of one namespace of a site, by Rancher's
// requests, and logs in.
func tenantOf(t *testing.T, admin *stage.Client, site string) *stage.Client {
	t.Helper()
	var user, project struct{ ID string }
	admin.Must(t, "POST", "/v3/users", map[string]any{
		"type": "user", "username": tenant, "name": "Tenant", "password": tenantPassword, "enabled": true, "mustChangePassword": false,
	}, &user)
	admin.Must(t, "POST", "/v3/globalrolebindings", map[string]any{
		"type": "globalRoleBinding", "globalRoleId": "user", "userId": user.ID,
	}, nil)
	admin.Must(t, "POST", "/v3/projects", map[string]any{"type": "project", "name": "tenants", "clusterId": site}, &project)
	admin.Must(t, "POST", "/k8s/clusters/"+site+"/api/v1/namespaces", map[string]any{
		"apiVersion": "v1", "kind": "Namespace",
		"metadata": map[string]any{"name": tenant, "annotations": map[string]any{"field.cattle.io/projectId": project.ID}},
	}, nil)
	admin.Must(t, "POST", "/v3/projectroletemplatebindings", map[string]any{
		"type": "projectRoleTemplateBinding", "projectId": project.ID, "userId": user.ID, "roleTemplateId": "project-member",
	}, nil)
	return admin.Login(t, tenant, tenantPassword)
}

package peer

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// siteIsConnected shows that croft-fleet finds and follows a site of the real
// Rancher, and that Rancher itself calls the site well.
func (w *world) siteIsConnected(t *testing.T) {
	rancher := seen(w.rancher)
	if id := rancher.Site(t, "site-1"); id != w.site {
		t.Errorf("the site's id is %s in Croft's list, %s in Rancher's", id, w.site)
	}
	w.wellInRancher(t)
}

// wellInRancher waits until Rancher says that the site is connected, ready and one
// of Harvester's kind.
func (w *world) wellInRancher(t *testing.T) {
	t.Helper()
	stage.Eventually(t, "the site is well in Rancher", 2*time.Minute, func() error {
		var cluster struct {
			Status struct {
				Provider   string
				Conditions []struct{ Type, Status, Reason, Message string }
			}
		}
		w.rancher.admin.Must(t, "GET", "/v1/management.cattle.io.clusters/"+w.site, nil, &cluster)
		held := map[string]string{}
		for _, c := range cluster.Status.Conditions {
			held[c.Type] = c.Status
		}
		if held["Connected"] != "True" || held["Ready"] != "True" || cluster.Status.Provider != "harvester" {
			return fmt.Errorf("provider %q, conditions %+v", cluster.Status.Provider, cluster.Status.Conditions)
		}
		return nil
	})
}

// machine makes a machine at the site through Rancher, finds it in both lists
// and stops and starts it.
func (w *world) machine(t *testing.T) {
	rancher := seen(w.rancher)
	admin, id := w.rancher.admin, rancher.Site(t, "site-1")
	const name = "beside-rancher"
	admin.MakeMachine(t, id, stage.Diskless("default", name))
	rancher.WaitState(t, id, "default", name, "Running", 2*time.Minute)

	var list struct{ Data []struct{ ID string } }
	admin.Must(t, "GET", stage.OfSite(id, "kubevirt.io.virtualmachines"), nil, &list)
	if len(list.Data) != 1 || list.Data[0].ID != "default/"+name {
		t.Errorf("the site's list through Rancher has %+v", list.Data)
	}
	for _, step := range []struct{ action, state string }{{"stop", "Stopped"}, {"start", "Running"}} {
		if code, text := admin.Act(t, id, "default", name, step.action, nil); code != http.StatusNoContent {
			t.Fatalf("%s: %d %s", step.action, code, text)
		}
		rancher.WaitState(t, id, "default", name, step.state, 2*time.Minute)
	}
}

// backendComesBack ends the site's croft-serve, which is started anew. Rancher
// asks whoever dialled first in the site's name, and that must be croft-serve
// again and not Rancher's agent.
func (w *world) backendComesBack(t *testing.T) {
	rancher := seen(w.rancher)
	id := rancher.Site(t, "site-1")
	list := func() error {
		return ask(w.rancher.admin, http.MethodGet, stage.OfSite(id, "kubevirt.io.virtualmachines"), nil, nil)
	}
	stage.Eventually(t, "the list before", time.Minute, list)
	before := w.serveOf(t, "site-1")
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	stage.Eventually(t, "croft-serve is started anew", time.Minute, func() error {
		if now := w.serveOf(t, "site-1"); now == before || now == 0 {
			return fmt.Errorf("its process is %d", now)
		}
		return nil
	})
	stage.Eventually(t, "the list after", 2*time.Minute, list)
	w.wellInRancher(t)
}

// serveOf is the process of a site's croft-serve, 0 while it does not run.
func (w *world) serveOf(t *testing.T, site string) int {
	t.Helper()
	now, err := state.Read(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range now.Processes {
		if p.Name == site+"/croft-serve" && p.State == process.Running {
			return p.PID
		}
	}
	return 0
}

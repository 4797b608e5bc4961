package peer

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// siteAway ends the agents of both sites and asks what is asked of a site that is
// away.
func (w *world) siteAway(t *testing.T) {
	w.supervisor.Remove("site-1/cattle-cluster-agent")
	w.supervisor.Remove("site-2/cattle-cluster-agent")
	for _, c := range []struct {
		hub  *hub
		site string
	}{{w.rancher, w.site}, {w.ours, w.oursite}} {
		stage.Eventually(t, c.hub.Name+" notices", 2*time.Minute, func() error {
			got, _, err := c.hub.exchange(http.MethodGet, "/k8s/clusters/"+c.site+"/version", http.Header{"Authorization": {"Bearer " + c.hub.admin.Token}}, nil)
			if err == nil && got.status < 500 {
				return fmt.Errorf("it answers %d", got.status)
			}
			return err
		})
	}
	w.compare(t, away)
}

var away = []question{
	{as: nobody, method: "GET", path: "/k8s/clusters/SITE/version", status: 403, known: []known{{`status 403, ours 401`, "kubectl asks for a login at 401 alone"}}},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/version", status: 500, known: []known{{`status 500, ours 503`, "what is away comes back, and clients try a 503 again"}}},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/api/v1/namespaces", status: 500, known: []known{{`status 500, ours 503`, "what is away comes back, and clients try a 503 again"}}},
	{as: admin, method: "GET", path: "/v3/clusters/SITE", status: 200},
}

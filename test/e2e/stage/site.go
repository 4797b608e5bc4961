package stage

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// Site answers the cluster id of a site that is connected and synced, and can do what it is asked.
func (s *Stage) Site(t testing.TB, name string) string {
	t.Helper()
	var id string
	Eventually(t, "site "+name+" connected, synced and able", 2*time.Minute, func() error {
		var list struct {
			Data []struct {
				ID, Name   string
				Conditions []struct{ Type, Status, Message string }
			}
		}
		s.Admin.Must(t, "GET", "/v1/croft/sites", nil, &list)
		for _, site := range list.Data {
			if site.Name != name {
				continue
			}
			id = site.ID
			held := map[string]string{}
			for _, c := range site.Conditions {
				held[c.Type] = c.Status
			}
			if held["Connected"] != "True" || held["Synced"] != "True" {
				return fmt.Errorf("conditions %+v", site.Conditions)
			}
			return s.able(id)
		}
		return fmt.Errorf("not among %d sites", len(list.Data))
	})
	return id
}

// able is an error unless a site does what it is asked: what has just been killed or cut off is ahead of the site's
// conditions. Croft's own server answers, and so do all webhooks that a machine has to pass, Croft's and KubeVirt's.
func (s *Stage) able(id string) error {
	if err := s.Admin.answered("GET", OfSite(id, "namespaces/default"), nil, http.StatusOK); err != nil {
		return err
	}
	const machines = "/apis/kubevirt.io/v1/namespaces/default/virtualmachines?dryRun=All"
	return s.Admin.answered("POST", "/k8s/clusters/"+id+machines, Diskless("default", "only-asked-for"), http.StatusCreated)
}

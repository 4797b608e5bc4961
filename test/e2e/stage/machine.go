package stage

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// machineType is the collection of machines in Steve's words.
const machineType = "kubevirt.io.virtualmachines"

// Row is a machine in the list of all sites.
type Row struct {
	ID, Site, SiteName, Namespace, Name, State, Reason, Node string
	Addresses                                                []string
	CPU                                                      int
	Memory                                                   int64
	Stale                                                    bool
}

// Machine is a machine as its site shows it.
type Machine struct {
	Actions     map[string]string
	Unavailable map[string]string
	Metadata    struct {
		State struct{ Name, Message string }
	}
}

// MachinePath is a machine's path through the hub.
func MachinePath(site, namespace, name string) string {
	return OfSite(site, machineType+"/"+namespace+"/"+name)
}

// Rows reads the list of all sites as a user, with a query such as "?site=…".
func (c *Client) Rows(t testing.TB, query string) []Row {
	t.Helper()
	var list struct{ Data []Row }
	c.Must(t, "GET", "/v1/croft/virtualmachines"+query, nil, &list)
	return list.Data
}

// WaitState waits until the list of all sites shows a machine in a state.
func (s *Stage) WaitState(t testing.TB, site, namespace, name, want string, deadline time.Duration) Row {
	t.Helper()
	var found Row
	Eventually(t, fmt.Sprintf("%s/%s %s", namespace, name, want), deadline, func() error {
		code, answer, err := s.Admin.Try("GET", "/v1/croft/virtualmachines/"+site+"/"+namespace+"/"+name, nil)
		if err != nil {
			return err
		}
		if code != 200 {
			return fmt.Errorf("%d %s", code, answer)
		}
		found = Row{}
		if err := json.Unmarshal(answer, &found); err != nil {
			return err
		}
		if found.State != want {
			return fmt.Errorf("it is %s (%s)", found.State, found.Reason)
		}
		return nil
	})
	return found
}

// Address waits until a machine runs and is known to answer somewhere.
func (s *Stage) Address(t testing.TB, site, namespace, name string) string {
	t.Helper()
	var address string
	Eventually(t, fmt.Sprintf("%s/%s has an address", namespace, name), time.Minute, func() error {
		row := s.WaitState(t, site, namespace, name, "Running", 3*time.Minute)
		if len(row.Addresses) == 0 {
			return errors.New("it runs, and has none")
		}
		address = row.Addresses[0]
		return nil
	})
	return address
}

// Diskless is a machine without a bootable disk: a simulated state, and cheap.
func Diskless(namespace, name string) map[string]any {
	return map[string]any{
		"type": "kubevirt.io.virtualmachine", "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec": map[string]any{
			"runStrategy": "RerunOnFailure",
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]any{"harvesterhci.io/vmName": name}},
				"spec": map[string]any{
					"domain": map[string]any{
						"cpu":       map[string]any{"cores": 1},
						"resources": map[string]any{"limits": map[string]any{"cpu": "1", "memory": "128Mi"}},
						"devices": map[string]any{
							"interfaces": []any{map[string]any{"name": "default", "masquerade": map[string]any{}}},
						},
					},
					"networks": []any{map[string]any{"name": "default", "pod": map[string]any{}}},
				},
			},
		},
	}
}

// MakeMachine creates a machine at a site.
func (c *Client) MakeMachine(t testing.TB, site string, machine map[string]any) {
	t.Helper()
	c.Must(t, "POST", OfSite(site, machineType), machine, nil)
}

// Act calls an action of a machine, and answers the status code and the body.
func (c *Client) Act(t testing.TB, site, namespace, name, action string, input map[string]any) (int, string) {
	t.Helper()
	code, answer, err := c.attempt(MachinePath(site, namespace, name), action, input)
	if err != nil {
		t.Fatal(err)
	}
	return code, string(answer)
}

func (c *Client) attempt(path, action string, input map[string]any) (int, []byte, error) {
	if input == nil {
		input = map[string]any{}
	}
	return c.Try("POST", path+"?action="+action, input)
}

// Do has a machine do something as soon as that is offered.
func (s *Stage) Do(t testing.TB, site, namespace, name, action string, input map[string]any) {
	t.Helper()
	s.DoAt(t, MachinePath(site, namespace, name), action, input)
}

// DoAt has an object at a path do something as soon as that is offered. Of an attempt whose answer was lost nobody knows
// whether it was done: what is refused after that was.
func (s *Stage) DoAt(t testing.TB, path, action string, input map[string]any) {
	t.Helper()
	lost := false
	Eventually(t, path+" does "+action, 2*time.Minute, func() error {
		code, answer, err := s.Admin.attempt(path, action, input)
		if err != nil || code >= http.StatusInternalServerError {
			lost = true
		}
		refused := code == http.StatusConflict || code == http.StatusUnprocessableEntity
		if err == nil && code >= http.StatusMultipleChoices && (!refused || !lost) {
			err = fmt.Errorf("%d %s", code, answer)
		}
		return err
	})
}

// Remove deletes a machine.
func (s *Stage) Remove(t testing.TB, site, namespace, name string) {
	t.Helper()
	s.Delete(t, MachinePath(site, namespace, name))
}

// Delete deletes what is at a path as soon as that may go, also at a site that is only just coming back.
func (s *Stage) Delete(t testing.TB, path string) {
	t.Helper()
	Eventually(t, path+" deleted", time.Minute, func() error {
		return s.Admin.answered("DELETE", path, nil, http.StatusOK, http.StatusNoContent, http.StatusNotFound)
	})
}

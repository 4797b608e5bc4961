package node

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// isCordoned cordons a node: a machine that would rather run there runs elsewhere. Then it takes machines again.
func isCordoned(t *testing.T, s *stage.Stage, id, node string) {
	t.Helper()
	const name = "turned-away"
	act(t, s, id, node, "cordon", nil)
	waitState(t, s, id, node, "cordoned")
	s.Admin.Refused(t, http.StatusConflict, "POST", nodePath(id, node)+"?action=cordon", nil)
	s.Admin.MakeMachine(t, id, drawn(stage.Diskless(namespace, name), node))
	if on := s.WaitState(t, id, namespace, name, "Running", 2*time.Minute).Node; on == node {
		t.Errorf("%s runs on %s, which is cordoned", name, on)
	}
	act(t, s, id, node, "uncordon", nil)
	waitState(t, s, id, node, "active")
	s.Admin.Refused(t, http.StatusConflict, "POST", nodePath(id, node)+"?action=uncordon", nil)
	s.Remove(t, id, namespace, name)
}

// hasUnmovable puts a machine on a node that KubeVirt cannot move, and asks who is in the way of a maintenance.
func hasUnmovable(t *testing.T, s *stage.Stage, id, node string) {
	t.Helper()
	const name = "rooted"
	machine := bound(stage.Diskless(namespace, name), node)
	spec := machine["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	spec["domain"].(map[string]any)["devices"] = map[string]any{
		"interfaces": []any{map[string]any{"name": "default", "bridge": map[string]any{}}},
	}
	s.Admin.MakeMachine(t, id, machine)
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)
	names := func() string {
		t.Helper()
		_, answer, err := s.Admin.Try("POST", nodePath(id, node)+"?action=listUnhealthyVM", nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	stage.Eventually(t, "it is named", time.Minute, func() error {
		if answer := names(); !strings.Contains(answer, namespace+"/"+name) || strings.Contains(answer, namespace+"/moves") {
			return errors.New(answer)
		}
		return nil
	})
	answer := s.Admin.Refused(t, http.StatusConflict, "POST", nodePath(id, node)+"?action=enableMaintenanceMode", map[string]any{"force": "false"})
	if !strings.Contains(answer, namespace+"/"+name) {
		t.Errorf("the refusal names the machine: %s", answer)
	}
	s.Remove(t, id, namespace, name)
	stage.Eventually(t, "nobody is in the way", 2*time.Minute, func() error {
		if answer := names(); strings.Contains(answer, namespace+"/"+name) {
			return errors.New(answer)
		}
		return nil
	})
}

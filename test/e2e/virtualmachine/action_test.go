package virtualmachine

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestActions walks a simulated machine through its actions by the API.
func TestActions(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "acts"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)

	for _, step := range []struct {
		action string
		input  map[string]any
		code   int
		state  string
		reason string
	}{
		{"start", nil, http.StatusConflict, "Running", "a running machine is started already"},
		{"pause", nil, http.StatusNoContent, "Paused", "a running machine can be paused"},
		{"pause", nil, http.StatusConflict, "Paused", "but not twice"},
		{"unpause", nil, http.StatusNoContent, "Running", "and goes on"},
		{"abortMigration", nil, http.StatusConflict, "Running", "nothing moves"},
		{"migrate", map[string]any{"nodeName": "nowhere"}, http.StatusUnprocessableEntity, "Running", "there is no such node"},
		{"migrate", map[string]any{"node": "x"}, http.StatusUnprocessableEntity, "Running", "there is no such field"},
		{"stop", nil, http.StatusNoContent, "Stopped", "it stops"},
		{"stop", nil, http.StatusConflict, "Stopped", "but not twice"},
		{"start", nil, http.StatusNoContent, "Running", "and comes back"},
		{"fly", nil, http.StatusForbidden, "Running", "an action that there is not, in Steve's own words"},
	} {
		if step.code == http.StatusNoContent {
			s.Do(t, id, namespace, name, step.action, step.input)
		} else if code, answer := s.Admin.Act(t, id, namespace, name, step.action, step.input); code != step.code || !strings.Contains(answer, `"message"`) {
			t.Errorf("%s %v: %d, want %d and a sentence: %s: %s", step.action, step.input, code, step.code, step.reason, answer)
		}
		s.WaitState(t, id, namespace, name, step.state, 2*time.Minute)
	}

	var machine stage.Machine
	s.Admin.Must(t, "GET", stage.MachinePath(id, namespace, name), nil, &machine)
	for action := range machine.Actions {
		if machine.Unavailable[action] != "" {
			t.Errorf("%s is both available and not: %s", action, machine.Unavailable[action])
		}
	}
	if machine.Actions["stop"] == "" || machine.Unavailable["start"] == "" {
		t.Errorf("a running machine offers %v and withholds %v", machine.Actions, machine.Unavailable)
	}
}

// TestRefusals sends machines that no site should take.
func TestRefusals(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	noMemory := stage.Diskless(namespace, "no-memory")
	limits := noMemory["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)["domain"].(map[string]any)["resources"].(map[string]any)["limits"].(map[string]any)
	delete(limits, "memory")
	badClaims := stage.Diskless(namespace, "bad-claims")
	badClaims["metadata"].(map[string]any)["annotations"] = map[string]any{"harvesterhci.io/volumeClaimTemplates": "{"}
	for _, c := range []struct {
		machine map[string]any
		names   string
		reason  string
	}{
		{noMemory, "memory", "a machine without memory"},
		{badClaims, "volumeClaimTemplates", "claim templates that are no JSON"},
	} {
		answer := s.Admin.Refused(t, http.StatusUnprocessableEntity, "POST", stage.OfSite(id, "kubevirt.io.virtualmachines"), c.machine)
		if !strings.Contains(answer, c.names) {
			t.Errorf("%s: the refusal does not name %s: %s", c.reason, c.names, answer)
		}
	}
}

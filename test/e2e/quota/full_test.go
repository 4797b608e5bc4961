package quota_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// full is a namespace that its first machine fills.
const full = "full"

// hard are the limits of Rancher's quota of the namespace, and used what is used of them.
func hard(t *testing.T, s *stage.Stage) string { return ofQuota(t, s, "{.spec.hard}") }
func used(t *testing.T, s *stage.Stage) string { return ofQuota(t, s, "{.status.used}") }

func ofQuota(t *testing.T, s *stage.Stage, path string) string {
	t.Helper()
	return s.Kubectl(t, site, "", "get", "resourcequota", "default-x7fpr", "-n", full, "-o", "jsonpath="+path)
}

// fill gives the namespace a quota, as Rancher would, of just what is used.
func fill(t *testing.T, s *stage.Stage) (limits string) {
	t.Helper()
	s.Kubectl(t, site, `{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"namespace": "full", "name": "default-x7fpr",
		"labels": {"resourcequota.management.cattle.io/default-resource-quota": "true"}},
		"spec": {"hard": {"limits.cpu": "100", "limits.memory": "100Gi"}}}`, "create", "-f", "-")
	counted := ""
	stage.Eventually(t, "Kubernetes counts what is used", time.Minute, func() error {
		if counted = used(t, s); counted == "" || strings.Contains(counted, `"0"`) {
			return errors.New(counted)
		}
		return nil
	})
	s.Kubectl(t, site, "", "patch", "resourcequota", "default-x7fpr", "-n", full, "--type=merge", "-p", `{"spec":{"hard":`+counted+`}}`)
	limits = hard(t, s)
	stage.Eventually(t, "the quota is in force", time.Minute, func() error {
		if now := ofQuota(t, s, "{.status.hard}"); now != limits {
			return errors.New(now)
		}
		return nil
	})
	return limits
}

// TestFullNamespace fills a namespace: a second machine is told so in a sentence, and the first one moves all the same.
func TestFullNamespace(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	s.Kubectl(t, site, "", "create", "namespace", full)
	s.Admin.MakeMachine(t, id, stage.Diskless(full, "one"))
	before := s.WaitState(t, id, full, "one", "Running", 2*time.Minute)
	limits := fill(t, s)

	s.Admin.MakeMachine(t, id, stage.Diskless(full, "two"))

	t.Log("The machine that runs moves.")
	s.Do(t, id, full, "one", "migrate", nil)
	stage.Eventually(t, "it has moved", 2*time.Minute, func() error {
		if now := s.WaitState(t, id, full, "one", "Running", time.Minute); now.Node == before.Node {
			return fmt.Errorf("it is on %s; the quota is %s of %s", now.Node, used(t, s), hard(t, s))
		}
		return nil
	})
	stage.Eventually(t, "the quota is as it was", time.Minute, func() error {
		annotations := ofQuota(t, s, "{.metadata.annotations}")
		if now := hard(t, s); now != limits || strings.Contains(annotations, "igrat") {
			return fmt.Errorf("it is %s, not %s, and says %s", now, limits, annotations)
		}
		return nil
	})
	told(t, s, id)
	for _, name := range []string{"one", "two"} {
		s.Remove(t, id, full, name)
	}
	s.Kubectl(t, site, "", "delete", "namespace", full, "--wait=false")
}

// told waits until the second machine is off and says why; then there is room for it, it is started, and says so no more.
func told(t *testing.T, s *stage.Stage, id string) {
	t.Helper()
	const key = "harvesterhci.io/insufficient-resource-quota"
	var machine struct {
		Metadata struct {
			Annotations map[string]string
			State       struct{ Name, Message string }
		}
	}
	read := func() error {
		code, answer, err := s.Admin.Try("GET", stage.MachinePath(id, full, "two"), nil)
		if err != nil || code != http.StatusOK {
			return fmt.Errorf("%d %s %w", code, answer, err)
		}
		machine.Metadata.Annotations = nil
		return json.Unmarshal(answer, &machine)
	}
	says := func(what, message string) {
		t.Helper()
		stage.Eventually(t, what, 2*time.Minute, func() error {
			if err := read(); err != nil {
				return err
			}
			said := machine.Metadata.State.Message
			if machine.Metadata.State.Name != "stopped" || !strings.Contains(said, message) || message == "" && said != "" {
				return fmt.Errorf("it is %+v", machine.Metadata.State)
			}
			return nil
		})
	}
	const why = "exceeded quota: default-x7fpr"
	says("the machine that finds no room is off, and says why", why)
	s.Do(t, id, full, "two", "dismissInsufficientResourceQuota", nil)
	says("who has read it may have it forgotten", "")
	s.Do(t, id, full, "two", "start", nil)
	says("it is told again when there is still no room", why)
	s.Kubectl(t, site, "", "patch", "resourcequota", "default-x7fpr", "-n", full, "--type=merge", "-p", `{"spec":{"hard":{"limits.cpu":"100","limits.memory":"100Gi"}}}`)
	s.Do(t, id, full, "two", "start", nil)
	s.WaitState(t, id, full, "two", "Running", 2*time.Minute)
	stage.Eventually(t, "it has forgotten", time.Minute, func() error {
		if err := read(); err != nil {
			return err
		}
		if machine.Metadata.Annotations[key] != "" {
			return errors.New(machine.Metadata.Annotations[key])
		}
		return nil
	})
}

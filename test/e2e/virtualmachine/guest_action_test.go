package virtualmachine

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	faults "crofthci.io/croft/test/site/site"
)

// staysPut begins a move of the guest to a node that it is said to be able to move to, and gives it up half-way.
func staysPut(id string) func(*testing.T, *stage.Stage, func(*testing.T, string) string) {
	return func(t *testing.T, s *stage.Stage, inside func(*testing.T, string) string) {
		life := inside(t, boot)
		before := s.WaitState(t, id, namespace, guest, "Running", time.Minute)
		end := s.Fault(t, first, faults.Fault{Name: faults.FaultMigration, Target: namespace + "/" + guest, Value: "stall"})
		defer end()
		to := elsewhere(t, s, id, before.Node)
		s.Do(t, id, namespace, guest, "migrate", map[string]any{"nodeName": to})
		stage.Eventually(t, "the move is under way", 2*time.Minute, func() error {
			target := s.Kubectl(t, first, "", "get", "vmi", guest, "-o", "jsonpath={.status.migrationState.targetNode}")
			running := s.Kubectl(t, first, "", "get", "vmim", "-l", "kubevirt.io/vmi-name="+guest, "-o", "jsonpath={.items[*].status.phase}")
			if target != to || running != "Running" {
				return fmt.Errorf("it is %q, to %q and not %s", running, target, to)
			}
			return nil
		})
		s.Do(t, id, namespace, guest, "abortMigration", nil)
		stage.Eventually(t, "the move is given up", 2*time.Minute, func() error {
			state := s.Kubectl(t, first, "", "get", "vmi", guest, "-o", "jsonpath={.status.migrationState.abortStatus} {.status.migrationState.completed}")
			if state != "Succeeded true" {
				return fmt.Errorf("it is %q", state)
			}
			return nil
		})
		if after := s.WaitState(t, id, namespace, guest, "Running", time.Minute); after.Node != before.Node {
			t.Errorf("the guest was on %s, and is on %s", before.Node, after.Node)
		}
		if now := inside(t, boot); now != life {
			t.Errorf("the guest has started anew: %s, not %s", now, life)
		}
		stage.Eventually(t, "its other QEMU ends", time.Minute, func() error { return oneQEMU(t, s) })
	}
}

// elsewhere is a node that the guest could move to, which are all but its own.
func elsewhere(t *testing.T, s *stage.Stage, id, own string) string {
	t.Helper()
	var found struct{ Nodes []string }
	stage.Eventually(t, "of three nodes, the guest could move to two", time.Minute, func() error {
		code, answer := s.Admin.Act(t, id, namespace, guest, "findMigratableNodes", nil)
		if err := json.Unmarshal([]byte(answer), &found); err != nil || code != http.StatusOK {
			return fmt.Errorf("%d %s: %w", code, answer, err)
		}
		if len(found.Nodes) != 2 || slices.Contains(found.Nodes, own) {
			return fmt.Errorf("it is on %s and could move to %v", own, found.Nodes)
		}
		return nil
	})
	return found.Nodes[0]
}

// restarts has the machine switched off and on: another instance, and another life of the guest.
func restarts(t *testing.T, s *stage.Stage, id string, key stage.Key) {
	t.Helper()
	life := key.Run(t, s.Address(t, id, namespace, guest), boot)
	uid := instance(t, s)
	s.Do(t, id, namespace, guest, "restart", nil)
	stage.Eventually(t, "another instance runs", 3*time.Minute, func() error {
		if now := instance(t, s); now == uid || now == "" {
			return fmt.Errorf("it is %q", now)
		}
		return nil
	})
	address := s.Address(t, id, namespace, guest)
	if now := key.Run(t, address, boot); now == life {
		t.Errorf("it is the same life of the guest, %s", now)
	}
}

// pullsThePlug has a guest that does not listen asked to shut down, for which it has ten minutes, and switched off then.
func pullsThePlug(t *testing.T, s *stage.Stage, id string, key stage.Key) {
	t.Helper()
	key.RunAs(t, "root", s.Address(t, id, namespace, guest), "killall acpid")
	refuses(t, s, id, guest, "forceStop", nil, http.StatusConflict)
	s.Do(t, id, namespace, guest, "stop", nil)
	s.WaitState(t, id, namespace, guest, "Stopping", time.Minute)
	s.Do(t, id, namespace, guest, "forceStop", nil)
	s.WaitState(t, id, namespace, guest, "Stopped", 2*time.Minute)
}

// instance is the UID of the guest's instance, "" when it has none.
func instance(t *testing.T, s *stage.Stage) string {
	t.Helper()
	return s.Kubectl(t, first, "", "get", "vmi", guest, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}")
}

// oneQEMU is an error as long as the guest has another QEMU than its own.
func oneQEMU(t *testing.T, s *stage.Stage) error {
	t.Helper()
	files, err := qemusOf(t, s)
	if err == nil && len(files) != 1 {
		err = errors.New(fmt.Sprint("it has ", files))
	}
	return err
}

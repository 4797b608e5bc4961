package virtualmachine

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	faults "crofthci.io/croft/test/site/site"
)

// cancelsMove begins the move of a volume, and gives it up half-way.
func cancelsMove(t *testing.T, s *stage.Stage, id, name string, move map[string]any) {
	t.Helper()
	end := s.Fault(t, first, faults.Fault{Name: faults.FaultMigration, Target: namespace + "/" + name, Value: "stall"})
	defer end()
	until := func(what, action string, input map[string]any) {
		t.Helper()
		stage.Eventually(t, what, 2*time.Minute, func() error { // it is refused as long as nothing has begun
			if code, answer := s.Admin.Act(t, id, namespace, name, action, input); code != http.StatusNoContent {
				return fmt.Errorf("%d %s", code, answer)
			}
			return nil
		})
	}
	until("the order is taken", "storageMigration", move)
	stage.Eventually(t, "the move is under way", 2*time.Minute, func() error {
		phase := s.Kubectl(t, first, "", "get", "vmim", "-l", "kubevirt.io/vmi-name="+name, "-o", "jsonpath={.items[*].status.phase}")
		if phase != "Running" {
			return fmt.Errorf("it is %q", phase)
		}
		return nil
	})
	until("it is given up", "cancelStorageMigration", map[string]any{})
	stage.Eventually(t, "nothing is left of the move", 2*time.Minute, func() error {
		moved := s.Kubectl(t, first, "", "get", "vmi", name, "-o", "jsonpath={.status.migratedVolumes} {.spec.volumes[0].persistentVolumeClaim.claimName}")
		if moved = strings.TrimSpace(moved); moved != name+"-disk-0" {
			return errors.New(moved)
		}
		return nil
	})
}

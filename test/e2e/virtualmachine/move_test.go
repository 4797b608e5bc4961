package virtualmachine

import (
	"errors"
	"fmt"
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
	s.Do(t, id, namespace, name, "storageMigration", move)
	stage.Eventually(t, "the move is under way", 2*time.Minute, func() error {
		phase := s.Kubectl(t, first, "", "get", "vmim", "-l", "kubevirt.io/vmi-name="+name, "-o", "jsonpath={.items[*].status.phase}")
		if phase != "Running" {
			return fmt.Errorf("it is %q", phase)
		}
		return nil
	})
	s.Do(t, id, namespace, name, "cancelStorageMigration", nil)
	stage.Eventually(t, "nothing is left of the move", 2*time.Minute, func() error {
		moved := s.Kubectl(t, first, "", "get", "vmi", name, "-o", "jsonpath={.status.migratedVolumes} {.spec.volumes[0].persistentVolumeClaim.claimName}")
		if moved = strings.TrimSpace(moved); moved != name+"-disk-0" {
			return errors.New(moved)
		}
		return nil
	})
}

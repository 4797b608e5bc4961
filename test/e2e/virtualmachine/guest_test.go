package virtualmachine

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// guest is the machine of TestAGuest.
const guest = "served"

// boot tells one life of a guest from the next.
const boot = "cat /proc/sys/kernel/random/boot_id"

// TestAGuest does to one real guest what its node does for it while it runs.
func TestAGuest(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	key := stage.NewKey(t)
	machine := stage.Guest(namespace, guest, s.TinyImage(t, id), key)
	spec, _ := within(machine)
	spec["terminationGracePeriodSeconds"] = 600 // see pullsThePlug
	s.Admin.MakeMachine(t, id, machine)
	address := s.Address(t, id, namespace, guest)
	inside := func(t *testing.T, command string) string { return key.Run(t, address, command) }
	qemu := qemuOf(t, s)
	inside(t, "true")
	for _, c := range []struct {
		name, reason string
		test         func(*testing.T, *stage.Stage, func(*testing.T, string) string)
	}{
		{"Grow", "A disk that grows is larger at once.", grows},
		{"Thaw", "Frozen file systems go on in time, whoever was killed meanwhile.", thaws},
		{"SoftReboot", "A soft reboot is another life of the guest.", reboots(func(t *testing.T, s *stage.Stage) {
			s.Do(t, id, namespace, guest, "softreboot", nil)
		})},
		{"Reset", "So is a reset, whatever the guest is at.", reboots(func(t *testing.T, s *stage.Stage) {
			s.Virtctl(t, first, "reset", guest)
		})},
		{"Abort", "A move that is given up leaves the guest where it is.", staysPut(id)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Log(c.reason)
			c.test(t, s, inside)
			if now := qemuOf(t, s); now != qemu {
				t.Errorf("its QEMU was process %s, and is %s", qemu, now)
			}
		})
	}
	restarts(t, s, id, key)
	pullsThePlug(t, s, id, key)
	s.Remove(t, id, namespace, guest)
}

func grows(t *testing.T, s *stage.Stage, inside func(*testing.T, string) string) {
	s.LetGrow(t, first)
	s.Kubectl(t, first, "", "patch", "pvc", guest+"-disk-0", "-p", `{"spec": {"resources": {"requests": {"storage": "2Gi"}}}}`)
	stage.Eventually(t, "its disk has grown", time.Minute, func() error {
		if sectors := inside(t, "cat /sys/block/vda/size"); sectors != "4194304" {
			return fmt.Errorf("it has %s sectors", sectors)
		}
		return nil
	})
}

func thaws(t *testing.T, s *stage.Stage, inside func(*testing.T, string) string) {
	freeze := "/apis/subresources.kubevirt.io/v1/namespaces/" + namespace + "/virtualmachineinstances/" + guest + "/freeze"
	stage.Eventually(t, "freeze", time.Minute, func() error { // its agent may come late
		out, err := s.TryKubectl(t, first, `{"unfreezeTimeout": "20s"}`, "replace", "--raw", freeze, "-f", "-")
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	status := func(want string) func() error {
		return func() error {
			if got := s.Kubectl(t, first, "", "get", "vmi", guest, "-o", "jsonpath={.status.fsFreezeStatus}"); got != want {
				return fmt.Errorf("its file systems are %q", got)
			}
			return nil
		}
	}
	stage.Eventually(t, "frozen", time.Minute, status("frozen"))
	s.Kill(t, first+"/croft-site")
	stage.Eventually(t, "thawed", time.Minute, status(""))
	inside(t, "sync")
}

// reboots has the guest rebooted in one way or another.
func reboots(way func(*testing.T, *stage.Stage)) func(*testing.T, *stage.Stage, func(*testing.T, string) string) {
	return func(t *testing.T, s *stage.Stage, inside func(*testing.T, string) string) {
		life := inside(t, boot)
		way(t, s)
		stage.Eventually(t, "another life of the guest", 3*time.Minute, func() error {
			if now := inside(t, boot); now == life {
				return fmt.Errorf("it is the same, %s", now)
			}
			return nil
		})
	}
}

// qemuOf is the process id of the QEMU that the guest runs in.
func qemuOf(t *testing.T, s *stage.Stage) string {
	t.Helper()
	files, err := qemusOf(t, s)
	if err != nil || len(files) != 1 {
		t.Fatalf("the QEMUs of %s: %v, %v", guest, files, err)
	}
	pid, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(pid)
}

// qemusOf are the files with the process ids of the guest's QEMUs: one, and another while it moves.
func qemusOf(t *testing.T, s *stage.Stage) ([]string, error) {
	t.Helper()
	return filepath.Glob(filepath.Join(s.Dir, first, "data", "guests", instance(t, s), "*", "pid"))
}

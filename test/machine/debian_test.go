package machine

import (
	"strings"
	"testing"
	"time"
)

// bootPatience is how long a Debian may take to start with all that a distribution starts, where there is no KVM.
const bootPatience = 10 * time.Minute

// TestDebian makes machines of a Debian with cloud-init and OpenSSH of its own, on both ways that rancher-machine knows: a
// script that its caller sends along runs in the guest by cloud-init, and without one rancher-machine logs in by SSH and sets
// up Docker, which it then reaches with the certificate that it has made.
func TestDebian(t *testing.T) {
	s := open(t)
	s.patience = bootPatience
	s.image("debian", "croft-debian.qcow2")
	machine := func(name string, more ...string) []string {
		return append(append([]string{
			"create", "--driver=croft", "--croft-cluster-name=blue", "--croft-image-name=" + namespace + "/debian", "--croft-disk-size=4",
			"--croft-cpu-count=2", "--croft-memory-size=1", "--croft-ssh-user=debian", "--croft-ssh-port=" + sshPort(), "--croft-create-timeout=500",
		}, more...), name)
	}
	t.Run("both", func(t *testing.T) {
		t.Run("Script", func(t *testing.T) {
			t.Parallel()
			s := s.of(t)
			store, name := t.TempDir(), "blue-pool1-x7k2p-cloud"
			t.Log(s.run(store, machine(name, "--custom-install-script="+script(t))...))
			s.eventually("cloud-init is done", func() bool {
				out, err := s.try(store, "ssh", name, "cloud-init status")
				return err == nil && strings.Contains(out, "done")
			})
			if got := s.told(store, "ssh", name, "cat /tmp/croft-installed; hostname"); got != "installed\n"+name {
				t.Errorf("the guest says %q", got)
			}
			s.run(store, "rm", "-y", name)
		})
		t.Run("SSH", func(t *testing.T) {
			t.Parallel()
			s := s.of(t)
			store, name := t.TempDir(), "blue-pool1-x7k2p-shell"
			t.Log(s.run(store, machine(name)...))
			if got := s.told(store, "ssh", name, "hostname; sudo docker info --format '{{.Name}}'"); got != name+"\n"+name {
				t.Errorf("the guest says %q", got)
			}
			t.Log(s.run(store, "restart", name))
			if got := s.told(store, "status", name); got != "Running" {
				t.Errorf("its status: %q", got)
			}
			s.run(store, "rm", "-y", name)
		})
	})
	s.nothing()
}

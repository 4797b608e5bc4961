// Package virtualmachine tests the life of machines in the whole sandbox: on
// the page, over SSH, and with KubeVirt's own tools.
package virtualmachine

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
	faults "crofthci.io/croft/test/site/site"
)

const (
	site      = "site-2"
	namespace = "default"
)

// TestALifeOnThePage makes a machine at the second site on the page, reads its
// console, goes into it by SSH, drives it with KubeVirt's tools, moves it while
// it counts, and stops it.
func TestALifeOnThePage(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	s.TinyImage(t, id)
	const name = "life"
	key := stage.NewKey(t)
	env := map[string]string{"CROFT_SITE": site, "CROFT_NAME": name, "CROFT_IMAGE": "tiny", "CROFT_KEY": key.Public}

	var created struct{ Uname string }
	s.Browse(t, &created, env, "machine.mjs", "create")
	if !strings.HasPrefix(created.Uname, "Linux ") {
		t.Errorf("the serial console answered %q to uname -a", created.Uname)
	}

	address := s.Address(t, id, namespace, name)
	row := s.WaitState(t, id, namespace, name, "Running", time.Minute)
	if host := key.Run(t, address, "hostname"); host != name {
		t.Errorf("ssh into %s: its hostname is %q, want %q", address, host, name)
	}

	tools(t, s, name)

	var moved struct {
		Before, After struct {
			N    int
			Boot string
		}
	}
	end := s.Fault(t, site, faults.Fault{Name: faults.FaultMigration, Target: namespace + "/" + name, Value: "5s"}) // long enough to be seen
	s.Browse(t, &moved, env, "machine.mjs", "migrate")
	end()
	if moved.After.Boot != moved.Before.Boot || moved.After.N <= moved.Before.N {
		t.Errorf("the guest did not go on while it moved: before %+v, after %+v", moved.Before, moved.After)
	}
	if now := s.WaitState(t, id, namespace, name, "Running", time.Minute); now.Node == row.Node {
		t.Errorf("it is still on %s", now.Node)
	}

	var stopped struct{ Reason string }
	s.Browse(t, &stopped, env, "machine.mjs", "stop")
	if stopped.Reason == "" {
		t.Error("a stopped machine's stop button gives no reason")
	}
}

// tools drives the machine with kubectl and virtctl on the site's own kubeconfig.
func tools(t *testing.T, s *stage.Stage, name string) {
	t.Helper()
	kubeconfig := "--kubeconfig=" + s.Kubeconfig(site)
	kubernetes, err := controlplane.Binary("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, kubernetes, "kubectl", kubeconfig, "get", "vm", name, "-o", "jsonpath={.status.printableStatus}"); got != "Running" {
		t.Errorf("kubectl shows %q, want Running", got)
	}
	kubevirt, err := controlplane.Binary("kubevirt")
	if err != nil {
		t.Fatal(err)
	}
	id := s.Site(t, site)
	run(t, kubevirt, "virtctl", kubeconfig, "pause", "vm", name)
	s.WaitState(t, id, namespace, name, "Paused", time.Minute)
	run(t, kubevirt, "virtctl", kubeconfig, "unpause", "vm", name)
	s.WaitState(t, id, namespace, name, "Running", time.Minute)
	// A guest that was paused did not answer its agent's calls: KubeVirt connects with it again a moment later.
	stage.Eventually(t, "virtctl guestosinfo tells the kernel", time.Minute, func() error {
		info, err := exec.Command(kubevirt, "virtctl", kubeconfig, "guestosinfo", name).CombinedOutput()
		if err == nil && !strings.Contains(string(info), "kernel") {
			err = errors.New("no kernel is named")
		}
		if err != nil {
			return fmt.Errorf("%w: %s", err, info)
		}
		return nil
	})
}

func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", filepath.Base(program), args, err, out)
	}
	return string(out)
}

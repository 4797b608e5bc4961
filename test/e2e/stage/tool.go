package stage

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/controlplane"
)

// Kubectl runs kubectl as the administrator of a cluster, with what it reads on
// its standard input, and answers what it printed.
func (s *Stage) Kubectl(t testing.TB, cluster, input string, args ...string) string {
	t.Helper()
	out, err := s.TryKubectl(t, cluster, input, args...)
	for began := time.Now(); err != nil && slices.Contains(args, "get") && time.Since(began) < patience; {
		time.Sleep(time.Second) // who only reads may ask again
		out, err = s.TryKubectl(t, cluster, input, args...)
	}
	if err != nil {
		t.Fatalf("kubectl %v: %v\n%s", args, err, out)
	}
	return out
}

// TryKubectl does the same and may fail.
func (s *Stage) TryKubectl(t testing.TB, cluster, input string, args ...string) (string, error) {
	t.Helper()
	program, err := controlplane.Binary("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, append([]string{"kubectl", "--kubeconfig=" + s.Kubeconfig(cluster)}, args...)...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Virtctl runs KubeVirt's own tool as the administrator of a site.
func (s *Stage) Virtctl(t testing.TB, site string, args ...string) string {
	t.Helper()
	program, err := controlplane.Binary("kubevirt")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, append([]string{"virtctl", "--kubeconfig=" + s.Kubeconfig(site)}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("virtctl %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

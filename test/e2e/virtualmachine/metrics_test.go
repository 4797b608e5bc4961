package virtualmachine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

// TestMetrics looks at what a real guest uses on its page, by a real Prometheus, which finds on the nodes what KubeVirt counts.
// Without one the page asks the node itself, by Kubernetes' proxy; that goes to no loopback address, which is all that a
// sandbox has, and so the page says why nothing is told.
func TestMetrics(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const name = "counted"
	key := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, name, s.TinyImage(t, id), key))
	key.Run(t, s.Address(t, id, namespace, name), "(while :; do :; done) >/dev/null 2>&1 &") // else it uses next to nothing

	page := s.Open(t, map[string]string{"CROFT_SITE_ID": id, "CROFT_NAMESPACE": namespace, "CROFT_NAME": name}, "metrics.mjs")
	var seen struct {
		Trouble string
		Said    []string
	}
	page.Sees(t, &seen)
	if !strings.Contains(seen.Trouble, "address not allowed") {
		t.Errorf("a site without a Prometheus: %q", seen.Trouble)
	}
	prometheus(t, s)
	page.GoOn(t)
	page.Sees(t, &seen)
	whole(t, seen.Said)
	page.GoOn(t)
	s.Remove(t, id, namespace, name)
}

// whole holds that every measure is told, and that a guest that is busy uses processor time and memory.
func whole(t *testing.T, said []string) {
	t.Helper()
	want := []string{"used", "used", "read", "written", "received", "sent"} // the processor time, then the memory
	if len(said) != len(want) {
		t.Fatalf("it says %q, want %q, each with a number", said, want)
	}
	for i, measure := range want {
		label, number, _ := strings.Cut(said[i], " ")
		nothing := number == "0" || strings.HasPrefix(number, "0 ")
		if label != measure || number == "" || i < 2 && nothing {
			t.Errorf("%s: %q of %q", measure, number, said)
		}
	}
}

// prometheus gives a site a Prometheus where its backend looks for one, for as long as the test lasts: it scrapes the handlers
// of KubeVirt on all nodes.
func prometheus(t *testing.T, s *stage.Stage) {
	t.Helper()
	program, err := controlplane.Binary("prometheus")
	if err != nil {
		t.Fatal(err)
	}
	kubernetes, err := controlplane.Binary("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	nodes := strings.Fields(run(t, kubernetes, "kubectl", "--kubeconfig="+s.Kubeconfig(first), "get", "nodes",
		"-o", `jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}`))
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yaml")
	text := fmt.Sprintf(`
global: {scrape_interval: 2s}
scrape_configs:
- job_name: kubevirt
  scheme: https
  tls_config: {insecure_skip_verify: true}
  static_configs: [{targets: ["%s:8443"]}]
`, strings.Join(nodes, `:8443", "`))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+nodes[0]+":9090")
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("Prometheus said:\n%s", said)
		}
		_ = log.Close()
	})
}

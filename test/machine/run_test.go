package machine

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// station is where rancher-machine runs: a folder with its plugin, and a namespace of the site.
type station struct {
	*testing.T
	site, images, plugin, kubeconfig, kubernetes string
	// patience is how long a machine may take to come, and any command to end.
	patience time.Duration
}

// of is the same station for a subtest.
func (s station) of(t *testing.T) station {
	s.T = t
	return s
}

// open makes a namespace with a credential that has the role of the chart.
func open(t *testing.T) station {
	t.Helper()
	dir := os.Getenv("CROFT_SANDBOX")
	if dir == "" {
		t.Fatal("CROFT_SANDBOX is not set: run `make test-machine`, which starts a sandbox of one site")
	}
	var sandbox struct {
		Ports map[string]map[string]json.Number
	}
	content, err := os.ReadFile(filepath.Join(dir, "sandbox.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &sandbox); err != nil {
		t.Fatal(err)
	}
	s := station{
		T: t, site: filepath.Join(dir, "site-1", "kubeconfig"), plugin: t.TempDir(), kubernetes: filepath.Join(cache(t), "bin", "kubernetes"),
		images: "http://127.0.0.1:" + sandbox.Ports["sandbox"]["guests"].String() + "/guests/", patience: 4 * time.Minute, // enough for the tiny guest
	}
	built, err := filepath.Abs("../../bin/driver/docker-machine-driver-croft-linux-" + runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(built, filepath.Join(s.plugin, "docker-machine-driver-croft")); err != nil {
		t.Fatal(err)
	}
	s.kubectl(fixture, "apply", "-f", "-")
	t.Cleanup(func() { s.kubectl("", "delete", "namespace", namespace, "--timeout=2m") })
	s.image("tiny", "croft-tiny.qcow2")
	s.kubectl("", "wait", "-n", namespace, "secret/node-driver", "--for=jsonpath={.data.token}", "--timeout=1m")
	s.kubeconfig = s.credential()
	return s
}

func cache(t *testing.T) string {
	if dir := os.Getenv("CROFT_CACHE"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(home, ".cache", "croft")
}

// namespace is the test's.
const namespace = "machine-test"

// fixture is what a guest cluster finds.
const fixture = `
apiVersion: v1
kind: Namespace
metadata: {name: machine-test}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: node-driver, namespace: machine-test}
---
apiVersion: v1
kind: Secret
metadata: {name: node-driver, namespace: machine-test, annotations: {kubernetes.io/service-account.name: node-driver}}
type: kubernetes.io/service-account-token
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: node-driver, namespace: machine-test}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "harvesterhci.io:node-driver"}
subjects: [{kind: ServiceAccount, name: node-driver, namespace: machine-test}]
`

// image has the site import one of the sandbox's images.
func (s station) image(name, file string) {
	s.Helper()
	s.kubectl(`{"apiVersion":"harvesterhci.io/v1beta1","kind":"VirtualMachineImage","metadata":{"name":"`+name+`","namespace":"`+namespace+
		`"},"spec":{"displayName":"`+name+`","sourceType":"download","url":"`+s.images+file+`"}}`, "apply", "-f", "-")
	s.kubectl("", "wait", "-n", namespace, "vmimage/"+name, "--for=condition=Imported", "--timeout=4m")
}

// kubectl asks the site as its administrator.
func (s station) kubectl(input string, args ...string) string {
	s.Helper()
	command := exec.Command(s.kubernetes, append([]string{"kubectl", "--kubeconfig=" + s.site}, args...)...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	if err != nil {
		s.Fatalf("kubectl %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// credential is the kubeconfig of the namespace's account.
func (s station) credential() string {
	s.Helper()
	server := s.kubectl("", "config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
	authority := s.kubectl("", "get", "secret", "-n", namespace, "node-driver", "-o", `jsonpath={.data.ca\.crt}`)
	token := s.kubectl("", "create", "token", "-n", namespace, "node-driver", "--duration=1h")
	return `{"apiVersion":"v1","kind":"Config","current-context":"site-1","clusters":[{"name":"c","cluster":{"server":"` + server +
		`","certificate-authority-data":"` + authority + `"}}],"users":[{"name":"u","user":{"token":"` + token +
		`"}}],"contexts":[{"name":"site-1","context":{"cluster":"c","user":"u","namespace":"` + namespace + `"}}]}`
}

// command is rancher-machine with its own store, in a process group of its own.
func (s station) command(ctx context.Context, store string, args ...string) *exec.Cmd {
	s.Helper()
	command := exec.CommandContext(ctx, filepath.Join(cache(s.T), "bin", "rancher-machine"), append([]string{"--storage-path", store}, args...)...)
	command.Env = append(os.Environ(), "PATH="+s.plugin+":"+os.Getenv("PATH"), "CROFT_KUBECONFIG_CONTENT="+s.kubeconfig, "MACHINE_BUGSNAG_API_TOKEN=no-report")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
	return command
}

// try runs rancher-machine, and answers with what it prints for programs; what it tells people comes behind when it fails.
func (s station) try(store string, args ...string) (string, error) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), s.patience)
	defer cancel()
	command := s.command(ctx, store, args...)
	var out, told bytes.Buffer
	command.Stdout, command.Stderr = &out, &told
	err := command.Run()
	if all := out.String() + told.String(); strings.Contains(all, s.kubeconfig) || strings.Contains(all, "Bearer ") {
		s.Errorf("rancher-machine %v tells the credential", args[0])
	}
	if err != nil {
		out.Write(told.Bytes())
	}
	return strings.TrimSpace(out.String()), err
}

// run runs it, and it has to succeed.
func (s station) run(store string, args ...string) string {
	s.Helper()
	out, err := s.try(store, args...)
	if err != nil {
		s.Fatalf("rancher-machine %v: %v\n%s", args, err, out)
	}
	return out
}

// told is what it answers, without what its plugin says of its own end.
func (s station) told(store string, args ...string) string {
	s.Helper()
	var lines []string
	for line := range strings.Lines(s.run(store, args...)) {
		if !strings.HasSuffix(strings.TrimSpace(line), ") Closing plugin on server side") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, ""))
}

// create are the arguments that make a machine.
func create(script, name string) []string {
	return []string{
		"create", "--driver=croft", "--custom-install-script=" + script, "--croft-cluster-name=blue", "--croft-image-name=" + namespace + "/tiny",
		"--croft-disk-size=1", "--croft-cpu-count=1", "--croft-memory-size=1", "--croft-ssh-port=" + sshPort(), "--croft-create-timeout=200", name,
	}
}

// sshPort is where the sandbox forwards to the guest's SSH server: it may listen at 22 when it is root's.
func sshPort() string {
	if os.Geteuid() == 0 {
		return "22"
	}
	return "2222"
}

// Package site tests on the page how a site comes, what is said of it, and how it leaves.
package site

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

// TestASiteComesAndGoes imports a cluster on the page and runs at that cluster, to the letter, the command that the page
// gives. The page sees by itself that the site has joined; then it is told where the site is, and the site leaves.
func TestASiteComesAndGoes(t *testing.T) {
	s := stage.Open(t)
	const name = "late"
	there := controlplane.ForTest(t)
	page := s.Open(t, map[string]string{"CROFT_NAME": name, "CROFT_TAKEN": "site-1"}, "site.mjs")

	var begun struct{ Taken, ID, Waiting, Command, Insecure string }
	page.Sees(t, &begun)
	if begun.Taken == "" || begun.Waiting == "" || !strings.HasPrefix(begun.Command, "kubectl apply -f https://") {
		t.Errorf("before it joins, the page says %+v", begun)
	}
	join(t, s, there, begun.Insecure)
	page.GoOn(t)

	var joined struct {
		Connected, Nowhere, Place string
		Health                    map[string]string
	}
	page.Sees(t, &joined)
	if joined.Connected == "" || joined.Nowhere == "" || !strings.Contains(joined.Place, "Berlin") {
		t.Errorf("once it has joined, the page says %+v", joined)
	}
	for _, what := range []string{"Connected", "Synced", "Healthy", "VersionSupported", "CredentialsExpiring"} {
		if joined.Health[what] == "" {
			t.Errorf("the page says nothing of %s: %v", what, joined.Health)
		}
	}
	page.GoOn(t)

	var left struct{ Rows []string }
	page.Sees(t, &left)
	for _, row := range left.Rows {
		if strings.Contains(row, name) {
			t.Errorf("it has left, and the list shows %q", row)
		}
	}
	stage.Eventually(t, "the hub has forgotten it", time.Minute, func() error {
		if code, answer, err := s.Admin.Try("GET", "/v1/croft/sites/"+begun.ID, nil); err != nil || code != 404 {
			return fmt.Errorf("%d %s %w", code, answer, err)
		}
		return nil
	})
	page.GoOn(t)
}

// join runs a command at a cluster as its administrator, and then what a kubelet would run of what it made: the agent.
func join(t *testing.T, s *stage.Stage, there *rest.Config, command string) {
	t.Helper()
	dir := t.TempDir()
	admin := kubeconfig(t, there, filepath.Join(dir, "admin"), there.BearerToken)
	program, err := controlplane.Binary("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kubectl"), fmt.Appendf(nil, "#!/bin/sh\nexec %q kubectl \"$@\"\n", program), 0o700); err != nil {
		t.Fatal(err)
	}
	shell := exec.Command("sh", "-c", command)
	shell.Env = append(os.Environ(), "KUBECONFIG="+admin, "PATH="+dir+":"+os.Getenv("PATH"))
	if said, err := shell.CombinedOutput(); err != nil || !bytes.Contains(said, []byte("cattle-cluster-agent created")) {
		t.Fatalf("%s: %v\n%s", command, err, said)
	}

	core, err := kubernetes.NewForConfig(there)
	if err != nil {
		t.Fatal(err)
	}
	deployment, err := core.AppsV1().Deployments("cattle-system").Get(t.Context(), "cattle-cluster-agent", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	account := deployment.Spec.Template.Spec.ServiceAccountName
	token, err := core.CoreV1().ServiceAccounts(deployment.Namespace).CreateToken(t.Context(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	runAgent(t, s, deployment, kubeconfig(t, there, filepath.Join(dir, "agent"), token.Status.Token))
}

// runAgent runs the agent with what its Deployment says, until the test ends.
func runAgent(t *testing.T, s *stage.Stage, deployment *appsv1.Deployment, kubeconfig string) {
	t.Helper()
	container := deployment.Spec.Template.Spec.Containers[0]
	program := fmt.Sprintf("/proc/%d/exe", s.Process(t, "site-1/cattle-cluster-agent").PID) // the same program, wherever it lies
	agent := exec.Command(program, container.Args...)
	agent.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	for _, variable := range container.Env {
		agent.Env = append(agent.Env, variable.Name+"="+variable.Value)
	}
	var said bytes.Buffer
	agent.Stdout, agent.Stderr = &said, &said
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = agent.Process.Kill() // it may have ended
		_ = agent.Wait()
		if t.Failed() {
			t.Logf("the agent said:\n%s", said.Bytes())
		}
	})
}

// kubeconfig writes a way to a cluster with a token.
func kubeconfig(t *testing.T, there *rest.Config, path, token string) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["there"] = &clientcmdapi.Cluster{Server: there.Host, CertificateAuthorityData: there.CAData}
	config.AuthInfos["there"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["there"] = &clientcmdapi.Context{Cluster: "there", AuthInfo: "there"}
	config.CurrentContext = "there"
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

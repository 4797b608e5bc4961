package machine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestJob runs the Jobs that Rancher makes for a machine, which the site's kubelet plays: one makes the machine and leaves
// what rancher-machine knows of it in the state secret, one whose credential was revoked removes nothing and forgets nothing,
// and one removes the machine with what is in the secret.
func TestJob(t *testing.T) {
	s := open(t)
	const name = "blue-pool1-x7k2p-jobbd"
	url, hash := served(t)
	p := pod{station: s, machine: name, url: url, hash: hash}
	s.kubectl(p.fill(around), "apply", "-f", "-")
	p.credential(s.kubeconfig)

	if message, done := p.run("create", p.create()); !done {
		t.Fatalf("create: %s", message)
	} else if strings.Contains(message, "Bearer ") || strings.Contains(message, `"token"`) {
		t.Errorf("the Job tells the credential: %s", message)
	}
	kept := p.state()
	var machine struct {
		DriverName string
		Driver     struct{ Namespace, UID, IPAddress, SSHKeyPath string }
	}
	if err := json.Unmarshal(kept["/home/machine/.docker/machine/machines/"+name+"/config.json"], &machine); err != nil {
		t.Fatalf("what is in the state secret: %v, %v", err, paths(kept))
	}
	uid := s.kubectl("", "get", "vm", "-n", namespace, name, "-o", "jsonpath={.metadata.uid}")
	if machine.DriverName != "croft" || machine.Driver.UID != uid || machine.Driver.IPAddress == "" || kept[machine.Driver.SSHKeyPath] == nil {
		t.Errorf("the state secret has the machine %s and the key to log in: %+v, %v", uid, machine, paths(kept))
	}
	for path, content := range kept {
		if strings.Contains(string(content), "certificate-authority-data") {
			t.Errorf("%s holds the credential", path)
		}
	}

	p.credential(strings.Replace(s.kubeconfig, `"token":"`, `"token":"x`, 1))
	message, done := p.run("remove-revoked", p.remove())
	if done || !strings.Contains(message, "has expired or was revoked") {
		t.Errorf("a Job with a revoked credential: done %t, %s", done, message)
	}
	if len(p.state()) == 0 || s.kubectl("", "get", "vm", "-n", namespace, "-o", "name") == "" {
		t.Error("what could not be removed is forgotten")
	}
	p.credential(s.kubeconfig)
	if message, done := p.run("remove", p.remove()); !done {
		t.Fatalf("remove: %s", message)
	}
	s.nothing()
	if left := paths(p.state()); len(left) > 0 {
		t.Errorf("the state secret still has %v", left)
	}
}

// served serves the built driver as a hub does, and answers with its URL and sum.
func served(t *testing.T) (url, hash string) {
	t.Helper()
	server := httptest.NewServer(http.FileServer(http.Dir("../../bin/driver")))
	t.Cleanup(server.Close)
	name := "docker-machine-driver-croft-linux-" + runtime.GOARCH
	sums, err := os.ReadFile("../../bin/driver/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		if sum, file, _ := strings.Cut(strings.TrimSpace(line), "  "); file == name {
			return server.URL + "/" + name, sum
		}
	}
	t.Fatalf("no sum of %s", name)
	return "", ""
}

// pod is what Rancher makes the Jobs of one machine from.
type pod struct {
	station
	machine, url, hash string
}

// around is what Rancher makes beside the Jobs of a machine.
const around = `
apiVersion: v1
kind: Secret
metadata: {name: MACHINE-machine-state, namespace: machine-test}
type: rke.cattle.io/machine-state
---
apiVersion: v1
kind: Secret
metadata: {name: MACHINE-machine-bootstrap, namespace: machine-test}
type: rke.cattle.io/bootstrap
stringData: {value: "#!/bin/sh\necho installed >/tmp/croft-installed\n"}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: MACHINE-machine-provision, namespace: machine-test}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: MACHINE-machine-provision, namespace: machine-test}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, update], resourceNames: [MACHINE-machine-state]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: MACHINE-machine-provision, namespace: machine-test}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: MACHINE-machine-provision}
subjects: [{kind: ServiceAccount, name: MACHINE-machine-provision, namespace: machine-test}]
`

// shape is the Job itself.
const shape = `
apiVersion: batch/v1
kind: Job
metadata: {name: JOB, namespace: machine-test}
spec:
  backoffLimit: 0
  template:
    metadata: {labels: {rke.cattle.io/infra-machine-name: MACHINE}}
    spec:
      restartPolicy: Never
      serviceAccountName: MACHINE-machine-provision
      containers:
      - name: machine
        image: rancher/machine:v0.15.0-rancher145
        args: ARGS
        envFrom: [{secretRef: {name: MACHINE-machine-driver-secret}}]
        securityContext: {runAsUser: 1000}
        volumeMounts:
        - {name: bootstrap, mountPath: /run/secrets/machine, readOnly: true}
        - {name: machine-files, mountPath: /path/to/machine/files, readOnly: true}
        - {name: certificates, mountPath: /etc/rancher/ssl, readOnly: true}
      volumes:
      - {name: bootstrap, secret: {secretName: MACHINE-machine-bootstrap, defaultMode: 511}}
      - {name: machine-files, secret: {secretName: MACHINE-machine-driver-secret}}
      - {name: certificates, secret: {secretName: tls-ca-additional, optional: true}}
`

func (p pod) fill(text string) string { return strings.ReplaceAll(text, "MACHINE", p.machine) }

// credential writes the secret that Rancher makes of a cloud credential.
func (p pod) credential(kubeconfig string) {
	p.Helper()
	content, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]string{"name": p.machine + "-machine-driver-secret", "namespace": namespace},
		"stringData": map[string]string{"CROFT_KUBECONFIG_CONTENT": kubeconfig},
	})
	if err != nil {
		p.Fatal(err)
	}
	p.kubectl(string(content), "apply", "-f", "-")
}

// common are the arguments of every Job.
func (p pod) common(args ...string) []string {
	return append([]string{
		"--driver-download-url=" + p.url, "--driver-hash=" + p.hash, "--secret-namespace=" + namespace, "--secret-name=" + p.machine + "-machine-state",
	}, args...)
}

func (p pod) create() []string {
	return p.common("create", "--driver=croft", "--custom-install-script=/run/secrets/machine/value", "--hostname-override="+p.machine,
		"--croft-cluster-name=blue", "--croft-image-name="+namespace+"/tiny", "--croft-disk-size=1", "--croft-cpu-count=1",
		"--croft-memory-size=1", "--croft-ssh-port="+sshPort(), "--croft-create-timeout=200", p.machine)
}

func (p pod) remove() []string { return p.common("rm", "-y", "--update-config", p.machine) }

// run makes a Job and waits for its end. The message is what its pod has said last.
func (p pod) run(job string, args []string) (message string, done bool) {
	p.Helper()
	list, err := json.Marshal(args)
	if err != nil {
		p.Fatal(err)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(p.fill(shape), "JOB", job), "ARGS", string(list))
	p.kubectl(text, "apply", "-f", "-")
	p.eventually("Job "+job+" ends", func() bool {
		ended := p.kubectl("", "get", "job", "-n", namespace, job, "-o", `jsonpath={.status.conditions[?(@.status=="True")].type}`)
		done = strings.Contains(ended, "Complete")
		return done || strings.Contains(ended, "Failed")
	})
	return p.kubectl("", "get", "pods", "-n", namespace, "-l", "batch.kubernetes.io/job-name="+job,
		"-o", "jsonpath={.items[*].status.containerStatuses[*].state.terminated.message}"), done
}

// state are the files in the state secret, by their paths.
func (p pod) state() map[string][]byte {
	p.Helper()
	encoded := p.kubectl("", "get", "secret", "-n", namespace, p.machine+"-machine-state", "-o", "jsonpath={.data.extractedConfig}")
	packed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		p.Fatal(err)
	}
	kept := map[string][]byte{}
	if len(packed) == 0 {
		return kept
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		p.Fatal(err)
	}
	for archive := tar.NewReader(unpacked); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return kept
		}
		if err != nil {
			p.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if kept[filepath.Clean(header.Name)], err = io.ReadAll(archive); err != nil {
			p.Fatal(err)
		}
	}
}

func paths(kept map[string][]byte) []string {
	var all []string
	for path := range kept {
		all = append(all, path)
	}
	return all
}

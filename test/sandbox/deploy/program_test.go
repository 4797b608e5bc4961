package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: croft-serve, namespace: harvester-system}
spec:
  template:
    metadata: {labels: {app: croft}}
    spec:
      serviceAccountName: croft
      terminationGracePeriodSeconds: 30
      volumes:
      - {name: tls, secret: {secretName: croft-tls}}
      - {name: data, emptyDir: {}}
      - {name: scratch, emptyDir: {}}
      containers:
      - name: serve
        image: localhost/croft-backend
        command: [/usr/bin/croft-backend]
        args: [serve, "--listen=:$(PORT)", --cert-dir=/etc/tls, "--pod=$(POD)", --page=/tmp/page, "--memory=$(MEMORY)"]
        env:
        - {name: PORT, value: "8443"}
        - {name: ADDRESS, value: "$(PORT)/tcp"}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
        - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: croft-tls, key: token}}}
        - {name: LATER, valueFrom: {secretKeyRef: {name: absent, key: token, optional: true}}}
        - {name: DATA, value: /var/lib/croft}
        resources: {limits: {memory: 512Mi}}
        volumeMounts:
        - {name: tls, mountPath: /etc/tls}
        - {name: data, mountPath: /var/lib/croft}
        - {name: scratch, mountPath: /tmp}
---
# nothing
---
apiVersion: v1
kind: Namespace
metadata: {name: harvester-system}
`

func TestProgram(t *testing.T) {
	manifest, err := Parse(deployment)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(manifest.Objects); got != 1 {
		t.Fatalf("the manifest has %d objects beside its Deployment, want 1", got)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "harvester-system", Name: "croft-tls"},
		Data:       map[string][]byte{"tls.crt": []byte("certificate"), "token": []byte("secret")},
	}
	cluster := &Cluster{Core: fake.NewClientset(secret)}
	data := t.TempDir()
	spec, err := cluster.Program(t.Context(), &manifest.Deployments[0], Place{
		Cluster: "site-1", Bin: "/bin/of/croft", Data: data, Kubeconfig: "/k", Log: "/l", Stage: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	tls := filepath.Join(data, "volumes", "tls")
	want := map[string]any{
		"name": "site-1/croft-serve",
		"line": "/bin/of/croft/croft-backend serve --listen=:8443 --cert-dir=" + tls + " --pod=croft-serve-0 --page=/tmp/page --memory=512",
		"env": []string{
			"KUBECONFIG=/k", "TMPDIR=" + filepath.Join(data, "volumes", "scratch"), "PORT=8443", "ADDRESS=8443/tcp", "POD=croft-serve-0", "APP=croft", "MEMORY=512",
			"TOKEN=secret", "LATER=", "DATA=" + filepath.Join(data, "volumes", "data"),
		},
		"grace": 30 * time.Second,
	}
	got := map[string]any{
		"name": spec.Name, "line": strings.Join(append([]string{spec.Path}, spec.Args...), " "),
		"env": spec.Env, "grace": spec.Grace,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Program: -want, +got:\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join(tls, "tls.crt"))
	if err != nil || string(text) != "certificate" {
		t.Errorf("the mounted secret reads %q, %v", text, err)
	}
	if diff := cmp.Diff("croft", ServiceAccount(&manifest.Deployments[0]).Name); diff != "" {
		t.Errorf("ServiceAccount: -want, +got:\n%s", diff)
	}
}

func TestProgramRefuses(t *testing.T) {
	const head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x, namespace: web}\nspec: {template: {spec: "
	cases := map[string]struct {
		reason string
		pod    string
		want   string
	}{
		"NoContainer": {reason: "There is nothing to run.", pod: "{}", want: "no container"},
		"NoCommand": {
			reason: "The entry point of an image is not known here.",
			pod:    "{containers: [{name: a, image: b}]}", want: "names no command",
		},
		"Field": {
			reason: "A field of the downward API that nobody plays is named.",
			pod:    "{containers: [{name: a, command: [b], env: [{name: C, valueFrom: {fieldRef: {fieldPath: spec.host}}}]}]}",
			want:   `env C: the downward API has no field "spec.host"`,
		},
		"Volume": {
			reason: "A kind of volume that nobody plays is named.",
			pod:    "{volumes: [{name: v, nfs: {server: s, path: p}}], containers: [{name: a, command: [b], volumeMounts: [{name: v, mountPath: /v}]}]}",
			want:   "volume v: its kind is not known",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			manifest, err := Parse(head + tc.pod + "}}")
			if err != nil {
				t.Fatal(err)
			}
			cluster := &Cluster{Core: fake.NewClientset()}
			_, err = cluster.Program(t.Context(), &manifest.Deployments[0], Place{Data: t.TempDir()})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s\nProgram: got error %v, want one with %q", tc.reason, err, tc.want)
			}
		})
	}
}

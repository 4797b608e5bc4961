package machinejob

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/test/site/site"
)

func newTestSite(t *testing.T, objects ...client.Object) *site.Site {
	t.Helper()
	scheme, err := site.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&corev1.Pod{}).Build()
	s, err := site.With(site.Options{
		Name: "site-1", Nodes: 1, Network: netip.MustParsePrefix("127.21.0.0/16"), Data: t.TempDir(), Config: &rest.Config{Host: "https://127.0.0.1:6443"},
	}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testPod(change ...func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "fleet-default", Name: "job-1", UID: "uid", Labels: map[string]string{Label: "blue-1"}},
		Spec: corev1.PodSpec{
			NodeName: "site-1-node-1", ServiceAccountName: "blue-1-machine-provision",
			Containers: []corev1.Container{{Name: "machine", EnvFrom: []corev1.EnvFromSource{{
				SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "driver"}},
			}}}},
		},
	}
	for _, c := range change {
		c(pod)
	}
	return pod
}

func secret(name string, content map[string]string) *corev1.Secret {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "fleet-default", Name: name}, Data: map[string][]byte{}}
	for key, text := range content {
		s.Data[key] = []byte(text)
	}
	return s
}

// TestPlay holds that a pod whose program cannot run fails, and says why.
func TestPlay(t *testing.T) {
	cases := map[string]struct {
		reason  string
		phase   corev1.PodPhase
		machine string
		code    int32
		says    string
	}{
		"Nobody":   {"a site that was told of no program", corev1.PodPending, "", 1, "without --rancher-machine"},
		"Not":      {"a program that was never built", corev1.PodPending, "/nowhere/rancher-machine", 1, "test/machine/build.sh"},
		"Orphaned": {"a pod that ran when the site's process ended", corev1.PodRunning, "", 137, "ended with the process"},
	}
	for name, tc := range cases {
		pod := testPod(func(p *corev1.Pod) { p.Status.Phase = tc.phase })
		s := newTestSite(t, pod)
		s.Machine = tc.machine
		play(t.Context(), s, pod)
		var now corev1.Pod
		if err := s.Client.Get(t.Context(), client.ObjectKeyFromObject(pod), &now); err != nil {
			t.Fatal(err)
		}
		statuses := now.Status.ContainerStatuses
		if now.Status.Phase != corev1.PodFailed || len(statuses) != 1 || statuses[0].State.Terminated == nil {
			t.Fatalf("%s: %s: %+v", name, tc.reason, now.Status)
		}
		if ended := statuses[0].State.Terminated; ended.ExitCode != tc.code || !strings.Contains(ended.Message, tc.says) {
			t.Errorf("%s: %s: status %d, %q", name, tc.reason, ended.ExitCode, ended.Message)
		}
	}
}

// TestMount holds that volumes lie where the container wants them, and that one that may be missing is then empty.
func TestMount(t *testing.T) {
	s := newTestSite(t, secret("bootstrap", map[string]string{"value": "#!/bin/sh\n"}), secret("files", map[string]string{"key": "k", "other": "o"}))
	pod := testPod(func(p *corev1.Pod) {
		p.Spec.Volumes = []corev1.Volume{
			{Name: "bootstrap", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "bootstrap"}}},
			{Name: "files", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
				SecretName: "files", Items: []corev1.KeyToPath{{Key: "key", Path: "keys/id"}},
			}}},
			{Name: "ca", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "none", Optional: ptr.To(true)}}},
			{Name: "home", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		}
		p.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{RunAsUser: ptr.To(int64(os.Getuid()))}
		p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{
			{Name: "bootstrap", MountPath: "/run/secrets/machine"}, {Name: "files", MountPath: "/path/to/machine/files"},
			{Name: "ca", MountPath: "/etc/rancher/ssl"}, {Name: "home", MountPath: "../../outside"},
		}
	})
	root := t.TempDir()
	if err := (job{site: s, pod: pod, container: &pod.Spec.Containers[0]}).mount(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"run/secrets/machine/value": "#!/bin/sh\n", "path/to/machine/files/keys/id": "k"} {
		if got, err := os.ReadFile(filepath.Join(root, path)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	for _, path := range []string{"etc/rancher/ssl", "outside"} {
		if left, err := os.ReadDir(filepath.Join(root, path)); err != nil || len(left) > 0 {
			t.Errorf("%s is an empty folder of the room: %v, %v", path, left, err)
		}
	}
	pod.Spec.Volumes[2].Secret.Optional = nil
	if err := (job{site: s, pod: pod, container: &pod.Spec.Containers[0]}).mount(t.Context(), t.TempDir()); err == nil {
		t.Error("a secret that must be there is missing, and the pod starts")
	}
}

// TestEnvironment holds that the program finds its API server and what the pod's secret says.
func TestEnvironment(t *testing.T) {
	s := newTestSite(t, secret("driver", map[string]string{"CROFT_KUBECONFIG_CONTENT": "k"}))
	pod := testPod(func(p *corev1.Pod) {
		p.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "HTTP_PROXY", Value: "http://proxy"}}
	})
	env, err := job{site: s, pod: pod, container: &pod.Spec.Containers[0]}.environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"KUBERNETES_SERVICE_HOST=127.0.0.1", "KUBERNETES_SERVICE_PORT=6443", "CROFT_KUBECONFIG_CONTENT=k", "HTTP_PROXY=http://proxy",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("the environment lacks %s: %v", want, env)
		}
	}
}

// TestTail holds that the end of what a program says is kept, as a kubelet does it.
func TestTail(t *testing.T) {
	if got := tail(fmt.Sprintf("%s%s", "first", strings.Repeat("x", 4090)+"last")); len(got) != 4096 || !strings.HasSuffix(got, "last") {
		t.Errorf("%d bytes that end with %q", len(got), got[len(got)-4:])
	}
	if got := slices.Collect(maps.Keys(files{"a": nil}.chosen(nil))); len(got) != 1 {
		t.Errorf("a volume that names no items has all: %v", got)
	}
}

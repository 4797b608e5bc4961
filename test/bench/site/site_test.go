package site

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/sandbox/state"
)

// site is the first site of a running sandbox.
type site struct {
	dir    string
	client client.Client
	rest   rest.Interface
}

// open finds the sandbox that CROFT_SANDBOX names.
func open(b *testing.B) site {
	b.Helper()
	s := site{dir: os.Getenv("CROFT_SANDBOX")}
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(s.dir, "site-1", "kubeconfig"))
	if err != nil {
		b.Fatalf("run this in a sandbox: %v", err)
	}
	config.QPS = -1
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, kubevirt.AddToScheme} {
		if err := add(scheme); err != nil {
			b.Fatal(err)
		}
	}
	if s.client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		b.Fatal(err)
	}
	discover, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		b.Fatal(err)
	}
	s.rest = discover.RESTClient()
	return s
}

// pid is the process of a program of the sandbox.
func (s site) pid(b *testing.B, name string) int {
	b.Helper()
	now, err := state.Read(s.dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range now.Processes {
		if p.Name == name {
			return p.PID
		}
	}
	b.Fatalf("the sandbox has no process %s", name)
	return 0
}

// machineOf is a machine without a disk.
func machineOf(name string, strategy kubevirt.RunStrategy) *kubevirt.VirtualMachine {
	machine := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	machine.Spec.RunStrategy = &strategy
	machine.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	domain := &machine.Spec.Template.Spec.Domain
	domain.CPU = &kubevirt.CPU{Cores: 1}
	domain.Resources.Limits = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("64Mi"),
	}
	return machine
}

// claimed is a volume of a machine that is a claim.
func claimed(name, claim string) kubevirt.Volume {
	volume := kubevirt.Volume{Name: name}
	volume.PersistentVolumeClaim = &kubevirt.PersistentVolumeClaimVolumeSource{}
	volume.PersistentVolumeClaim.ClaimName = claim
	return volume
}

func size(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

func until(b *testing.B, what string, condition func() bool) {
	b.Helper()
	for deadline := time.Now().Add(10 * time.Minute); !condition(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("in ten minutes it did not happen that %s", what)
		}
	}
}

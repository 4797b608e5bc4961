package pool

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apimeta "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

const (
	namespace = "pool-test"
	clusters  = "cluster.x-k8s.io/v1beta2" // Cluster API's version
	patience  = 6 * time.Minute
)

// pool is the world of one machine pool.
type pool struct {
	*testing.T
	// site is the site's API server, where Cluster API's objects lie as well; guest is the guest cluster's.
	site, guest client.Client
	// credential is the kubeconfig of the namespace, which the driver and the guest's cloud provider have; asGuest is with it.
	credential string
	asGuest    client.Client
	driver     hosted

	mu      sync.Mutex
	working map[types.UID]time.Time // since when work has been asked to end
	lasts   time.Duration
}

// open makes everything that a pool needs, and starts who works on it.
func open(t *testing.T) *pool {
	t.Helper()
	dir := os.Getenv("CROFT_SANDBOX")
	if dir == "" {
		t.Fatal("CROFT_SANDBOX is not set: run `make test-pool`, which starts a sandbox of one site")
	}
	p := &pool{T: t, driver: host(t), working: map[types.UID]time.Time{}}
	kubeconfig := filepath.Join(dir, "site-1", "kubeconfig")
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	p.site = reach(t, config)
	guest := controlplane.ForTest(t)
	p.guest = reach(t, guest)
	now, err := state.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	p.define()
	p.furnish(fmt.Sprintf("http://127.0.0.1:%d/guests/croft-tiny.qcow2", now.Ports["sandbox"]["guests"]), config, guest)
	p.start(kubeconfig)
	return p
}

func reach(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	scheme := apimeta.NewScheme()
	for _, add := range []func(*apimeta.Scheme) error{clientgoscheme.AddToScheme, kubevirt.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	config = rest.CopyConfig(config)
	config.QPS = -1
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// define makes the kinds of Cluster API, and those of Rancher that take part.
func (p *pool) define() {
	p.Helper()
	files, err := filepath.Glob(filepath.Join(controlplane.CacheDir(), "bin", "capi-crd", "*.yaml"))
	if err != nil || len(files) == 0 {
		p.Fatalf("Cluster API is not built: run test/rancher/pool/build.sh (%v)", err)
	}
	for _, file := range append(files, "testdata/rancher.yaml") {
		p.each(file, func(object *unstructured.Unstructured) {
			if err := p.site.Create(p.Context(), object); err != nil {
				p.Fatal(err)
			}
		})
	}
	for kind, version := range map[string]string{
		"Machine": clusters, "MachineHealthCheck": clusters, "MachineDeployment": clusters, "CroftMachine": "rke-machine.cattle.io/v1",
		"RKEControlPlane": "rke.cattle.io/v1", "RKECluster": "rke.cattle.io/v1",
	} {
		list := &unstructured.UnstructuredList{}
		list.SetAPIVersion(version)
		list.SetKind(kind + "List")
		p.until(kind+" is served", func() bool { return p.site.List(p.Context(), list) == nil })
	}
}

// each reads the objects of a file of several.
func (p *pool) each(file string, do func(*unstructured.Unstructured)) {
	p.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		p.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "NAMESPACE", namespace))
	for _, part := range strings.Split(string(text), "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(part), &object.Object); err != nil {
			p.Fatalf("%s: %v", file, err)
		}
		if len(object.Object) > 0 {
			do(object)
		}
	}
}

func (p *pool) apply(file string) {
	p.Helper()
	p.each("testdata/"+file, func(object *unstructured.Unstructured) {
		if err := p.site.Create(p.Context(), object); err != nil {
			p.Fatalf("%s: %v", object.GetKind(), err)
		}
	})
}

func (p *pool) delete(file string) {
	p.Helper()
	p.each("testdata/"+file, func(object *unstructured.Unstructured) {
		if object.GetKind() != "MachineDeployment" {
			return
		}
		if err := p.site.Delete(p.Context(), object); err != nil {
			p.Fatalf("%s: %v", object.GetKind(), err)
		}
	})
}

// start starts Cluster API's controllers, and those that are played.
func (p *pool) start(kubeconfig string) {
	p.Helper()
	program, err := controlplane.Binary("capi-manager")
	if err != nil {
		p.Fatal("Cluster API is not built: run test/rancher/pool/build.sh")
	}
	supervisor := process.New(nil)
	p.Cleanup(supervisor.Stop)
	log := filepath.Join(p.TempDir(), "capi-manager.log")
	spec := process.Spec{Name: "capi-manager", Path: program, Args: []string{"--kubeconfig=" + kubeconfig}, Dir: p.TempDir(), Log: log}
	if err := supervisor.Start(p.Context(), spec); err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() {
		if text, err := os.ReadFile(log); err == nil && p.Failed() {
			p.Logf("Cluster API: %s", text[max(0, len(text)-8000):])
		}
	})
	ctx, cancel := context.WithCancel(p.Context())
	var all sync.WaitGroup
	p.Cleanup(func() {
		cancel()
		all.Wait()
	})
	for _, play := range []func(context.Context) error{p.provision, p.cloudProvider, p.guestKubelet} {
		all.Go(func() { p.again(ctx, play) })
	}
}

// again plays a part again and again: each looks at all there is, and does what is next.
func (p *pool) again(ctx context.Context, play func(context.Context) error) {
	for ctx.Err() == nil {
		if err := play(ctx); err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			p.Logf("played: %v", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (p *pool) get(object client.Object) error {
	return p.site.Get(p.Context(), client.ObjectKeyFromObject(object), object)
}

func (p *pool) until(what string, is func() bool) {
	p.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// machines are those of the site.
func (p *pool) machines() []kubevirt.VirtualMachine {
	p.Helper()
	list := &kubevirt.VirtualMachineList{}
	if err := p.site.List(p.Context(), list, client.InNamespace(namespace)); err != nil {
		p.Fatal(err)
	}
	return list.Items
}

// hasNodes waits until the pool has so many nodes, each on a machine of its own, and no more machines.
func (p *pool) hasNodes(many int) {
	p.Helper()
	p.until(fmt.Sprintf("the pool has %d nodes", many), func() bool {
		deployment := p.deployment()
		if err := p.get(deployment); err != nil {
			p.Fatal(err)
		}
		ready, _, _ := unstructured.NestedInt64(deployment.Object, "status", "readyReplicas")
		machines := p.machines()
		for _, machine := range machines {
			if p.node(machine.Name) == nil || machine.DeletionTimestamp != nil {
				return false
			}
		}
		return len(machines) == many && len(p.nodes()) == many && int(ready) == many
	})
}

func (p *pool) deployment() *unstructured.Unstructured {
	return named(clusters, "MachineDeployment", "blue-pool1")
}

func named(version, kind, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion(version)
	object.SetKind(kind)
	object.SetNamespace(namespace)
	object.SetName(name)
	return object
}

// scale says how many machines the pool is to have.
func (p *pool) scale(many int) {
	p.Helper()
	patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, many))
	if err := p.site.Patch(p.Context(), p.deployment(), patch); err != nil {
		p.Fatal(err)
	}
}

// mark has a machine be the next that a smaller pool does without.
func (p *pool) mark(name string) {
	p.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(clusters)
	list.SetKind("MachineList")
	if err := p.site.List(p.Context(), list, client.InNamespace(namespace)); err != nil {
		p.Fatal(err)
	}
	for i := range list.Items {
		if infra, _, _ := unstructured.NestedString(list.Items[i].Object, "spec", "infrastructureRef", "name"); infra == name {
			patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"cluster.x-k8s.io/delete-machine":"true"}}}`))
			if err := p.site.Patch(p.Context(), &list.Items[i], patch); err != nil {
				p.Fatal(err)
			}
			return
		}
	}
	p.Fatalf("no Machine of %s", name)
}

// hosted is where the driver can be fetched.
type hosted struct{ url, hash string }

var driverFile = "docker-machine-driver-croft-linux-" + runtime.GOARCH

func made(p *pool, c client.Client, objects ...client.Object) {
	p.Helper()
	for _, object := range objects {
		if err := c.Create(p.Context(), object); err != nil {
			p.Fatal(err)
		}
	}
}

func secretOf(name string, labels map[string]string, kind corev1.SecretType, content map[string]string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}, Type: kind, StringData: content}
}

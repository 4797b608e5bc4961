// Package storagetest runs the part of a real control plane that a site's
// storage and CDI's workers need, for tests of those: API server, Kubernetes'
// volume controllers, the snapshot controller and, if asked for, CDI. There is
// no scheduler: a pod is bound to the site's first node as soon as it is made.
//
// Begin reading at New.
package storagetest

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/site/kubelet"
	"crofthci.io/croft/test/site/site"
)

// patience is how long a test waits for its control plane and for whatever the
// control plane is to do.
const patience = 2 * time.Minute

// Part is one part of a site.
type Part func(context.Context, *site.Site) error

// Option adds to a test's control plane.
type Option string

// WithCDI runs CDI's API server and controllers as well.
const WithCDI Option = "cdi"

// controllers are Kubernetes' own that volumes and CDI's pods need.
var controllers = []string{
	"persistentvolume-binder-controller", "persistentvolume-protection-controller",
	"persistentvolumeclaim-protection-controller", "persistentvolume-expander-controller",
	"garbage-collector-controller", "serviceaccount-controller", "serviceaccount-token-controller",
	"root-ca-certificate-publisher-controller", "namespace-controller",
}

// New starts a control plane and the given parts of one site on it. All end
// with the test.
func New(t testing.TB, parts []Part, options ...Option) *site.Site {
	t.Helper()
	config, handler := start(t, len(options) > 0)
	network, release, err := controlplane.ReserveNetwork()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	s, err := site.New(site.Options{
		Name: "site-1", Config: config, Handler: handler, Nodes: 1, Data: t.TempDir(),
		Network: network,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() { _ = s.Start(ctx) }() // it ends with the test
	if err := bindPods(ctx, s); err != nil {
		t.Fatal(err)
	}
	for _, part := range append(parts, kubelet.Run) {
		go func() {
			if err := part(ctx, s); err != nil && ctx.Err() == nil {
				t.Errorf("a part of the site ended: %v", err)
			}
		}()
	}
	return s
}

// bindPods does the scheduler's work.
func bindPods(ctx context.Context, s *site.Site) error {
	informer, err := s.Cache.GetInformer(ctx, &corev1.Pod{})
	if err != nil {
		return err
	}
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(object any) {
		pod, ok := object.(*corev1.Pod)
		if !ok || pod.Spec.NodeName != "" {
			return
		}
		binding := &corev1.Binding{
			ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
			Target:     corev1.ObjectReference{Kind: "Node", Name: s.NodeName(1)},
		}
		if err := s.Client.SubResource("binding").Create(ctx, pod, binding); err != nil && ctx.Err() == nil {
			s.Log.Error("bind a pod", "pod", client.ObjectKeyFromObject(pod), "error", err)
		}
	}})
	return err
}

// start runs the control plane's programs.
func start(t testing.TB, cdi bool) (admin, handler *rest.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ports, release, err := controlplane.Reserve(controlplane.Listeners...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	cluster, err := controlplane.NewCluster("test", filepath.Join(t.TempDir(), "test"), ports)
	if err != nil {
		t.Fatal(err)
	}
	supervisor := process.New(nil)
	t.Cleanup(supervisor.Stop)
	for _, step := range steps(cluster, supervisor, cdi) {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	config, err := cluster.Config()
	if err != nil {
		t.Fatal(err)
	}
	return config, config
}

type step func(context.Context) error

// steps are the programs in the order in which they need one another.
func steps(c *controlplane.Cluster, supervisor *process.Supervisor, cdi bool) []step {
	run := func(spec process.Spec, err error) step {
		return func(ctx context.Context) error {
			if err != nil {
				return err
			}
			spec.Grace = time.Second // its data goes with the test
			return supervisor.Start(ctx, spec)
		}
	}
	all := []step{
		run(c.Etcd(), nil),
		run(c.APIServer()),
		run(c.ControllerManager(controllers...)),
	}
	for _, spec := range c.InstallCDI() {
		all = append(all, func(ctx context.Context) error { return supervisor.Once(ctx, spec) })
	}
	all = append(all, run(c.SnapshotController()))
	if cdi {
		all = append(all, run(c.CDIAPIServer()), run(c.CDIController()), run(c.CDIUploadProxy()))
	}
	return all
}

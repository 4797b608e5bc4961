package manager

import (
	"context"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

// patience is how long a test waits for a controller.
const patience = 30 * time.Second

// Cluster is an API server with a manager running on it, seen by one test.
type Cluster struct {
	client.Client
	// T is the test.
	T *testing.T
}

// Options say what runs.
type Options struct {
	// Kinds teach the scheme the kinds beside Kubernetes' own.
	Kinds runtime.SchemeBuilder
	// SetUp adds controllers and webhooks to the manager.
	SetUp func(manager ctrl.Manager) error
	// Webhook serves the webhooks, nil when there are none.
	Webhook webhook.Server
}

// Start runs a manager until the test ends.
func Start(t *testing.T, api *rest.Config, options Options) *Cluster {
	t.Helper()
	kinds := runtime.NewScheme()
	if err := scheme.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	if err := options.Kinds.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	manager, err := ctrl.NewManager(api, ctrl.Options{
		Scheme: kinds, Metrics: server.Options{BindAddress: "0"}, WebhookServer: options.Webhook,
		// Each test of a package has its own manager with the same controllers.
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := options.SetUp(manager); err != nil {
		t.Fatal(err)
	}
	direct, err := client.New(api, client.Options{Scheme: kinds})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(context.Background())
	go func() { ended <- manager.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return &Cluster{Client: direct, T: t}
}

// For is the cluster as a part of the test sees it.
func (c *Cluster) For(t *testing.T) *Cluster {
	return &Cluster{Client: c.Client, T: t}
}

// Make makes an object that goes when the test ends.
func (c *Cluster) Make(object client.Object) {
	c.T.Helper()
	if err := c.Create(c.T.Context(), object); err != nil {
		c.T.Fatal(err)
	}
	c.RemoveLater(object)
}

// RemoveLater removes an object when the test ends, with its finalizers: whoever would take them off may not be running.
func (c *Cluster) RemoveLater(object client.Object) {
	c.T.Cleanup(func() {
		gone := object.DeepCopyObject().(client.Object)
		err := c.Delete(context.Background(), gone)
		if err == nil {
			err = c.Patch(context.Background(), gone, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))
		}
		if client.IgnoreNotFound(err) != nil {
			c.T.Error(err)
		}
	})
}

// Change writes what change does to an object.
func Change[T client.Object](c *Cluster, object T, change func(T)) {
	c.T.Helper()
	before := object.DeepCopyObject().(T)
	change(object)
	if err := c.Patch(c.T.Context(), object, client.MergeFrom(before)); err != nil {
		c.T.Fatal(err)
	}
}

// Report writes what change does to the status of an object.
func Report[T client.Object](c *Cluster, object T, change func(T)) {
	c.T.Helper()
	before := object.DeepCopyObject().(T)
	change(object)
	if err := c.Status().Patch(c.T.Context(), object, client.MergeFrom(before)); err != nil {
		c.T.Fatal(err)
	}
}

// Until waits for something to become true of an object, and leaves it as it was then.
func Until[T client.Object](c *Cluster, object T, what string, holds func(T) bool) {
	c.T.Helper()
	until(c, object, what, func(err error) bool { return err == nil && holds(object) })
}

// UntilGone waits for an object to exist no more, or to be on its way out under somebody else's finalizer.
func UntilGone(c *Cluster, object client.Object) {
	c.T.Helper()
	until(c, object, "be gone", func(err error) bool {
		return err != nil && client.IgnoreNotFound(err) == nil || object.GetDeletionTimestamp() != nil
	})
}

// UntilNotFound waits for an object to exist no more.
func UntilNotFound(c *Cluster, object client.Object) {
	c.T.Helper()
	until(c, object, "exist no more", func(err error) bool { return err != nil && client.IgnoreNotFound(err) == nil })
}

func until(c *Cluster, object client.Object, what string, holds func(error) bool) {
	c.T.Helper()
	const pause = 10 * time.Millisecond
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		err := c.Get(c.T.Context(), client.ObjectKeyFromObject(object), object)
		if holds(err) {
			return
		}
		if time.Now().After(deadline) {
			c.T.Fatalf("%T %s never came to: %s (%v)\n%+v", object, object.GetName(), what, err, object)
		}
	}
}

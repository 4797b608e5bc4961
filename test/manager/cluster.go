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

// patience is how long a test waits for a controller on a busy machine.
const patience = 2 * time.Minute

// Cluster is an API server with a manager running on it, seen by one test.
type Cluster struct {
	client.Client
	// T is the test.
	T *testing.T

	api *rest.Config
	// memory is what the manager's controllers and webhooks know of the API server.
	memory client.Reader
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
	return &Cluster{Client: direct, T: t, api: api, memory: manager.GetClient()}
}

// For is the cluster as a part of the test sees it.
func (c *Cluster) For(t *testing.T) *Cluster {
	return &Cluster{Client: c.Client, T: t, api: c.api, memory: c.memory}
}

// Make makes an object that goes when the test ends, and waits until the manager has heard of it.
func (c *Cluster) Make(object client.Object) {
	c.T.Helper()
	c.MakeUnheard(object)
	c.Hear(object)
}

// MakeUnheard makes an object of which the manager may not have heard yet when it returns.
func (c *Cluster) MakeUnheard(object client.Object) {
	c.T.Helper()
	if err := c.Create(c.T.Context(), object); err != nil {
		c.T.Fatal(err)
	}
	c.RemoveLater(object)
}

// RemoveLater removes an object when the test ends, with its finalizers: whoever would take them off may not be running.
// It waits until the manager has heard of that, for what is removed next may have been in use by this one.
func (c *Cluster) RemoveLater(object client.Object) {
	c.T.Cleanup(func() {
		gone := object.DeepCopyObject().(client.Object)
		err := c.Delete(context.Background(), gone, client.GracePeriodSeconds(0)) // nor does a kubelet run
		if err == nil {
			err = c.Patch(context.Background(), gone, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))
		}
		if client.IgnoreNotFound(err) != nil {
			c.T.Error(err)
			return
		}
		c.forget(gone)
	})
}

package maintain

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// Controller empties nodes.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads instances from the API server: what is known of thousands of them is not kept for the few nodes that are
	// ever in maintenance. It also tells what the cache may not have heard of.
	Live client.Reader
	// Config reaches KubeVirt's verbs.
	Config *rest.Config
	// Events tells people what happened.
	Events events.EventRecorder
	// Now is the clock.
	Now func() time.Time
}

// New is a controller on the manager's client, with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{
		Client: manager.GetClient(), Live: manager.GetAPIReader(), Config: manager.GetConfig(),
		Events: manager.GetEventRecorder("croft-maintain"), Now: time.Now,
	}
}

// indexNode finds machines by the node whose maintenance has shut them down.
const indexNode = "maintenanceNode"

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	shutDownBy := func(vm client.Object) []string { return named(vm.GetLabels()[harvesterv1.LabelMaintenanceNode]) }
	err := manager.GetFieldIndexer().IndexField(context.Background(), &kubevirt.VirtualMachine{}, indexNode, shutDownBy)
	if err != nil {
		return fmt.Errorf("index machines by node in maintenance: %w", err)
	}
	return ctrl.NewControllerManagedBy(manager).
		Named("node-maintain").
		For(&corev1.Node{}).
		Watches(&kubevirt.VirtualMachine{}, nodesBy(harvesterv1.LabelMaintenanceNode)).
		Watches(&kubevirt.VirtualMachineInstance{}, nodesBy(kubevirt.NodeNameLabel), builder.OnlyMetadata).
		Complete(c)
}

// nodesBy queues the node that a label names.
func nodesBy(label string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, object client.Object) []reconcile.Request {
		var requests []reconcile.Request
		for _, name := range named(object.GetLabels()[label]) {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Name: name}})
		}
		return requests
	})
}

func named(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// subject is a node with the machines on it.
type subject struct {
	*corev1.Node

	// forced shuts down the machines that cannot be moved.
	forced bool
	// since is when the maintenance began.
	since time.Time
	// guests are the machines that have not left.
	guests []Guest
}

// Reconcile brings one node a step further into maintenance, or out of it.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	s := &subject{Node: &corev1.Node{}}
	err := c.Client.Get(ctx, request.NamespacedName, s.Node)
	if apierrors.IsNotFound(err) {
		s.Name = request.Name
		return phase.Result(c.startAgain(ctx, s)) // a node that is gone is not in maintenance any more
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	if s.Annotations[harvesterv1.AnnotationMaintainStatus] == "" {
		return phase.Result(phase.Run(ctx, s,
			c.open,
			c.startAgain,
		))
	}
	s.forced = s.Annotations[harvesterv1.AnnotationDrainForced] == "true"
	return phase.Result(phase.Run(ctx, s,
		c.shut,
		c.survey,
		c.empty,
		c.startElsewhere,
		c.complete,
	))
}

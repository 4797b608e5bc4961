package place

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/pkg/kubevirt"
)

// Controller notes on instances where they are.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient()}
}

// SetUp adds the controller to the manager. Of instances only their metadata is kept in memory: the node is in a label.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	nodes := predicate.NewPredicateFuncs(func(vmi client.Object) bool { return IsNode(vmi) })
	return ctrl.NewControllerManagedBy(manager).
		Named("virtualmachine-place").
		For(&kubevirt.VirtualMachineInstance{}, builder.OnlyMetadata, builder.WithPredicates(nodes)).
		Watches(&corev1.Node{}, handler.EnqueueRequestsFromMapFunc(c.guests), builder.WithPredicates(predicate.LabelChangedPredicate{})).
		Complete(c)
}

// guests are the nodes of guest clusters on a node of the site.
func (c *Controller) guests(ctx context.Context, node client.Object) []reconcile.Request {
	instances := &metav1.PartialObjectMetadataList{}
	instances.SetGroupVersionKind(kubevirt.VirtualMachineInstanceKind)
	if err := c.Client.List(ctx, instances, client.MatchingLabels{kubevirt.NodeNameLabel: node.GetName()}); err != nil {
		return nil // the cache answers; it can only fail before it is filled, when every instance is queued anyway
	}
	var requests []reconcile.Request
	for i := range instances.Items {
		if vmi := &instances.Items[i]; IsNode(vmi) {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: vmi.Namespace, Name: vmi.Name}})
		}
	}
	return requests
}

// Reconcile notes on one instance where it is, once it is anywhere.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	vmi := &metav1.PartialObjectMetadata{}
	vmi.SetGroupVersionKind(kubevirt.VirtualMachineInstanceKind)
	if err := c.Client.Get(ctx, request.NamespacedName, vmi); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	name := vmi.Labels[kubevirt.NodeNameLabel]
	if name == "" || vmi.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	node := &corev1.Node{}
	if err := c.Client.Get(ctx, types.NamespacedName{Name: name}, node); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	wanted := On(node, vmi)
	if maps.Equal(wanted, vmi.Annotations) {
		return ctrl.Result{}, nil
	}
	before := vmi.DeepCopy()
	vmi.Annotations = wanted
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, vmi, client.MergeFrom(before))); err != nil {
		return ctrl.Result{}, fmt.Errorf("note where %s/%s is: %w", vmi.Namespace, vmi.Name, err)
	}
	return ctrl.Result{}, nil
}

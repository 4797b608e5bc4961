package mark

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Controller labels nodes.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient()}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).Named("node-mark").For(&corev1.Node{}, builder.OnlyMetadata).Complete(c)
}

// Reconcile labels one node, unless somebody has.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	node := &metav1.PartialObjectMetadata{}
	node.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Node"))
	if err := c.Client.Get(ctx, request.NamespacedName, node); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if _, marked := node.Labels[harvesterv1.LabelManaged]; marked {
		return ctrl.Result{}, nil
	}
	before := node.DeepCopy()
	if node.Labels == nil {
		node.Labels = map[string]string{}
	}
	node.Labels[harvesterv1.LabelManaged] = "true"
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, node, client.MergeFrom(before))); err != nil {
		return ctrl.Result{}, fmt.Errorf("label node %s: %w", node.Name, err)
	}
	return ctrl.Result{}, nil
}

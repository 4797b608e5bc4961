package mark

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Controller labels nodes.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Managed says that Rancher is to know the cluster for a Harvester one.
	Managed bool
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager, managed bool) *Controller {
	return &Controller{Client: manager.GetClient(), Managed: managed}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	// A node says that it is alive all the time, and has what it had.
	has := predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, now := e.ObjectOld.(*corev1.Node), e.ObjectNew.(*corev1.Node)
		return !maps.Equal(before.Labels, now.Labels) || !slices.Equal(devices(before), devices(now))
	}}
	return ctrl.NewControllerManagedBy(manager).Named("node-mark").For(&corev1.Node{}, builder.WithPredicates(has)).Complete(c)
}

// Reconcile labels one node.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	node := &corev1.Node{}
	if err := c.Client.Get(ctx, request.NamespacedName, node); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := node.DeepCopy()
	node.Labels = c.labels(node)
	if maps.Equal(before.Labels, node.Labels) {
		return ctrl.Result{}, nil
	}
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, node, client.MergeFrom(before))); err != nil {
		return ctrl.Result{}, fmt.Errorf("label node %s: %w", node.Name, err)
	}
	return ctrl.Result{}, nil
}

// labels are a node's labels as they are to be.
func (c *Controller) labels(node *corev1.Node) map[string]string {
	has := devices(node)
	labels := map[string]string{}
	for key, value := range node.Labels {
		if !strings.HasPrefix(key, kubevirt.LabelDevicePrefix) || slices.Contains(has, key) {
			labels[key] = value
		}
	}
	for _, label := range has {
		labels[label] = "true"
	}
	if _, marked := labels[harvesterv1.LabelManaged]; c.Managed && !marked {
		labels[harvesterv1.LabelManaged] = "true"
	}
	return labels
}

// devices are the labels of the devices that a node has, in order.
func devices(node *corev1.Node) []string {
	var labels []string
	for name, number := range node.Status.Allocatable {
		if kubevirt.IsDevice(name) && !number.IsZero() {
			labels = append(labels, kubevirt.DeviceLabel(name))
		}
	}
	slices.Sort(labels)
	return labels
}

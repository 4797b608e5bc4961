package reset

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Controller looks after lost nodes.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads pods and instances from the API server: they are of interest while a node is lost only.
	Live client.Reader
	// Events tells people what happened.
	Events events.EventRecorder
	// Now is the clock.
	Now func() time.Time
}

// New is a controller on the manager's client, with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{
		Client: manager.GetClient(), Live: manager.GetAPIReader(), Events: manager.GetEventRecorder("croft-reset"), Now: time.Now,
	}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("node-reset").
		For(&corev1.Node{}).
		Watches(&harvesterv1.Setting{}, handler.EnqueueRequestsFromMapFunc(c.nodes)).
		Complete(c)
}

// nodes are all nodes, when the policy changes.
func (c *Controller) nodes(ctx context.Context, object client.Object) []reconcile.Request {
	all := &corev1.NodeList{}
	if object.GetName() != harvesterv1.SettingForceReset || c.Client.List(ctx, all) != nil {
		return nil
	}
	requests := make([]reconcile.Request, 0, len(all.Items))
	for i := range all.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&all.Items[i])})
	}
	return requests
}

// Reconcile looks at one node.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	node := &corev1.Node{}
	if err := c.Client.Get(ctx, request.NamespacedName, node); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	since, lost := LostSince(node)
	if !lost {
		return ctrl.Result{}, nil
	}
	policy, err := c.policy(ctx)
	if err != nil || !policy.Enable {
		return ctrl.Result{}, err
	}
	if left := Left(policy, nil, since, c.Now()); left > 0 {
		return ctrl.Result{RequeueAfter: left}, nil
	}
	all := &corev1.NodeList{}
	if err := c.Client.List(ctx, all); err != nil || !anyReady(all.Items) {
		return ctrl.Result{RequeueAfter: policy.After()}, err
	}
	left, err := c.reset(ctx, node, policy, since)
	return ctrl.Result{RequeueAfter: left}, err
}

// policy is what the setting says, or the default.
func (c *Controller) policy(ctx context.Context) (harvesterv1.ForceReset, error) {
	setting := &harvesterv1.Setting{}
	err := c.Client.Get(ctx, client.ObjectKey{Name: harvesterv1.SettingForceReset}, setting)
	if client.IgnoreNotFound(err) != nil {
		return harvesterv1.ForceReset{}, fmt.Errorf("read what becomes of lost nodes: %w", err)
	}
	policy, invalid := harvesterv1.ParseForceReset(setting.Effective())
	if invalid != nil {
		return harvesterv1.DefaultForceReset, nil // the setting says so itself
	}
	return policy, nil
}

// reset takes the pods of a node's machines for gone, and answers when to look again at those that are waited for.
func (c *Controller) reset(
	ctx context.Context, node *corev1.Node, policy harvesterv1.ForceReset, since time.Time,
) (next time.Duration, err error) {
	pods := &corev1.PodList{}
	err = c.Live.List(ctx, pods,
		client.MatchingFields{"spec.nodeName": node.Name}, client.MatchingLabels{kubevirt.AppLabel: kubevirt.AppLauncher})
	if err != nil {
		return 0, fmt.Errorf("find the machines of node %s: %w", node.Name, err)
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		vmi := &kubevirt.VirtualMachineInstance{}
		err := c.Live.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: pod.Annotations[kubevirt.DomainAnnotation]}, vmi)
		if client.IgnoreNotFound(err) != nil {
			return 0, fmt.Errorf("find the machine of pod %s/%s: %w", pod.Namespace, pod.Name, err)
		}
		if left := Left(policy, vmi, since, c.Now()); left > 0 {
			next = max(next, left)
			continue
		}
		if err := c.forget(ctx, node, pod); err != nil {
			return 0, err
		}
	}
	return next, nil
}

// forget deletes a pod that nobody is there to end.
func (c *Controller) forget(ctx context.Context, node *corev1.Node, pod *corev1.Pod) error {
	err := c.Client.Delete(ctx, pod, client.GracePeriodSeconds(0), client.Preconditions{UID: &pod.UID})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("take pod %s/%s for gone: %w", pod.Namespace, pod.Name, err)
	}
	c.Events.Eventf(node, pod, corev1.EventTypeWarning, "MachineReset", "Reset",
		"The node is lost: machine %s/%s is started on another one.", pod.Namespace, pod.Annotations[kubevirt.DomainAnnotation])
	return nil
}

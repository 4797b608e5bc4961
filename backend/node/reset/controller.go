package reset

import (
	"context"
	"fmt"
	"slices"
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
	// Live reads from the API server: pods and instances, which are of interest while a node is lost only, and whether a
	// node still is.
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

// loss is a node that is lost, with what is to become of its machines.
type loss struct {
	*corev1.Node

	policy harvesterv1.ForceReset
	// since is when it was last heard of.
	since time.Time
	// left is how long its machines are still waited for at least.
	left time.Duration
}

// Reconcile looks at one node. When its machines have been waited for long enough by what is remembered, it is looked at
// once more as it is now: the node may have come back, and its machines run there.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	node := &corev1.Node{}
	if err := c.Client.Get(ctx, request.NamespacedName, node); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if lost, err := c.lossOf(ctx, c.Client, node); lost == nil || err != nil || lost.left > 0 {
		return again(lost), err
	}
	all := &corev1.NodeList{}
	if err := c.Live.List(ctx, all); err != nil {
		return ctrl.Result{}, fmt.Errorf("look at the nodes as they are now: %w", err)
	}
	at := slices.IndexFunc(all.Items, func(n corev1.Node) bool { return n.UID == node.UID })
	if at < 0 {
		return ctrl.Result{}, nil
	}
	lost, err := c.lossOf(ctx, c.Live, &all.Items[at])
	if lost == nil || err != nil || lost.left > 0 {
		return again(lost), err
	}
	if !anyReady(all.Items) {
		return ctrl.Result{RequeueAfter: lost.policy.After()}, nil
	}
	left, err := c.reset(ctx, lost)
	return ctrl.Result{RequeueAfter: left}, err
}

// again is when to look at a node again.
func again(lost *loss) ctrl.Result {
	if lost == nil {
		return ctrl.Result{}
	}
	return ctrl.Result{RequeueAfter: lost.left}
}

// lossOf is what there is to do about a node, nil when it is not lost or is only waited for.
func (c *Controller) lossOf(ctx context.Context, from client.Reader, node *corev1.Node) (*loss, error) {
	since, lost := LostSince(node)
	if !lost {
		return nil, nil
	}
	policy, err := policyOf(ctx, from)
	if err != nil || !policy.Enable {
		return nil, err
	}
	return &loss{Node: node, policy: policy, since: since, left: Left(policy, nil, since, c.Now())}, nil
}

// policyOf is what the setting says, or the default.
func policyOf(ctx context.Context, from client.Reader) (harvesterv1.ForceReset, error) {
	setting := &harvesterv1.Setting{}
	err := from.Get(ctx, client.ObjectKey{Name: harvesterv1.SettingForceReset}, setting)
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
func (c *Controller) reset(ctx context.Context, lost *loss) (next time.Duration, err error) {
	pods := &corev1.PodList{}
	err = c.Live.List(ctx, pods,
		client.MatchingFields{"spec.nodeName": lost.Name}, client.MatchingLabels{kubevirt.AppLabel: kubevirt.AppLauncher})
	if err != nil {
		return 0, fmt.Errorf("find the machines of node %s: %w", lost.Name, err)
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		vmi := &kubevirt.VirtualMachineInstance{}
		err := c.Live.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: pod.Annotations[kubevirt.DomainAnnotation]}, vmi)
		if client.IgnoreNotFound(err) != nil {
			return 0, fmt.Errorf("find the machine of pod %s/%s: %w", pod.Namespace, pod.Name, err)
		}
		if left := Left(lost.policy, vmi, lost.since, c.Now()); left > 0 {
			next = max(next, left)
			continue
		}
		if err := c.forget(ctx, lost.Node, pod); err != nil {
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

package node

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Node is a node with what its actions depend on.
type Node struct {
	*corev1.Node

	// Last says that no other node takes machines.
	Last bool
	// Kept says why the cluster's control plane cannot do without the node, "" when it can.
	Kept string
}

// read makes a Node of an object and what the server knows besides. Of other nodes it tells a caller only whether there
// is one that takes machines.
func read(view capability.View, object *unstructured.Unstructured) (Node, error) {
	n := Node{Node: &corev1.Node{}}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, n.Node); err != nil {
		return n, fmt.Errorf("understand node %s: %w", object.GetName(), err)
	}
	if view.Facts == nil {
		return n, nil
	}
	all := &corev1.NodeList{}
	if err := view.Facts.List(context.Background(), all, client.UnsafeDisableDeepCopy); err != nil {
		return n, fmt.Errorf("find the other nodes: %w", err)
	}
	n.Last = Last(n.Name, all.Items)
	n.Kept = Kept(n.Node, all.Items)
	return n, nil
}

// Last says whether no node but the named one takes machines.
func Last(name string, all []corev1.Node) bool {
	return !slices.ContainsFunc(all, func(other corev1.Node) bool { return other.Name != name && takesMachines(&other) })
}

// controlPlane is the label of the nodes that Kubernetes itself runs on.
const controlPlane = "node-role.kubernetes.io/control-plane"

// Kept says why a node of the control plane cannot be taken away for a maintenance, "" when it can: more than half of
// its nodes keep the cluster alive. Where there are one or two, no choice of ours makes it safer.
func Kept(node *corev1.Node, all []corev1.Node) string {
	if _, is := node.Labels[controlPlane]; !is {
		return ""
	}
	var members, others int
	var away []string
	for i := range all {
		other := &all[i]
		if _, is := other.Labels[controlPlane]; !is {
			continue
		}
		members++
		switch {
		case other.Name == node.Name:
		case other.Annotations[harvesterv1.AnnotationMaintainStatus] == "" && ready(other):
			others++
		default:
			away = append(away, other.Name)
		}
	}
	if members <= 2 || others > members/2 {
		return ""
	}
	slices.Sort(away)
	return fmt.Sprintf("The control plane has %d nodes and %s is away already: without this one too, too few would be left to keep the cluster alive.",
		members, strings.Join(away, ", "))
}

// takesMachines says whether a node is there, well, and not cordoned.
func takesMachines(node *corev1.Node) bool {
	_, witness := node.Labels[harvesterv1.LabelWitness]
	return !witness && !node.Spec.Unschedulable && node.DeletionTimestamp == nil && ready(node)
}

func ready(node *corev1.Node) bool {
	condition := readiness(node)
	return condition != nil && condition.Status == corev1.ConditionTrue
}

// readiness is the condition Ready of a node, nil when it has none.
func readiness(node *corev1.Node) *corev1.NodeCondition {
	at := slices.IndexFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool { return c.Type == corev1.NodeReady })
	if at < 0 {
		return nil
	}
	return &node.Status.Conditions[at]
}

// maintenance is how far the node is with its maintenance, "" when it is in none.
func (n Node) maintenance() string {
	return n.Annotations[harvesterv1.AnnotationMaintainStatus]
}

// state is how a node stands in one word. A node that is not there is not in maintenance, whatever it was meant to be.
func state(n Node) capability.State {
	problem := n.Annotations[harvesterv1.AnnotationMaintainProblem]
	switch {
	case !ready(n.Node):
		return capability.State{Name: "NotReady", Error: true, Message: unreadiness(n.Node)}
	case n.maintenance() == harvesterv1.MaintenanceCompleted:
		return capability.State{Name: "Maintenance"}
	case n.maintenance() != "":
		return capability.State{Name: "Entering Maintenance", Transitioning: true, Error: problem != "", Message: problem}
	case n.Spec.Unschedulable:
		return capability.State{Name: "Cordoned"}
	default:
		return capability.State{Name: "Active"}
	}
}

// unreadiness says why a node is not ready.
func unreadiness(node *corev1.Node) string {
	if condition := readiness(node); condition != nil {
		return condition.Message
	}
	return "The node has not said yet that it is ready."
}

package node

import (
	"context"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

func cordon(ctx context.Context, caller capability.Caller, n Node) error {
	return patch(ctx, caller, n, func(node *corev1.Node) { node.Spec.Unschedulable = true })
}

func uncordon(ctx context.Context, caller capability.Caller, n Node) error {
	return patch(ctx, caller, n, func(node *corev1.Node) { node.Spec.Unschedulable = false })
}

// patch writes what how does to the node, as the caller.
func patch(ctx context.Context, caller capability.Caller, n Node, how func(*corev1.Node)) error {
	node := n.DeepCopy()
	how(node)
	return caller.Client.Patch(ctx, node, client.MergeFrom(n.Node))
}

// nothing is the deed of an action that is never done here.
func nothing(context.Context, capability.Caller, Node) error { return nil }

// PowerInput says how a node's power is to be switched.
type PowerInput struct {
	// Operation is shutdown, poweron or reboot.
	Operation string `json:"operation"`
}

func powerAction(context.Context, capability.Caller, Node, PowerInput) error { return nil }

// powerPossible answers as clients that look for an inventory of the hardware expect where there is none: that something
// else is missing first.
func powerPossible(_ context.Context, _ capability.Caller, n Node) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusFailedDependency, Reason: "FailedDependency", Message: unlessPowered(n),
	}}
}

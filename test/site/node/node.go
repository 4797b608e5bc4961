// Package node makes the nodes of a simulated site and keeps them alive: the
// Node object with the labels that KubeVirt's schedulers look for, the lease
// and the heartbeats, and one virt-handler pod on each. A node that is stopped
// by a fault falls silent; that it is gone, the upstream controllers find out
// by themselves.
package node

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/test/site/site"
)

const (
	leaseNamespace = "kube-node-lease"
	leaseSeconds   = 40
	beat           = 10 * time.Second
)

// Run keeps all nodes of the site alive until the context ends.
func Run(ctx context.Context, s *site.Site) error {
	group, ctx := errgroup.WithContext(ctx)
	for n := 1; n <= s.Nodes; n++ {
		group.Go(func() error { return live(ctx, s, n) })
	}
	return group.Wait()
}

// live is the life of one node: made once, then a heartbeat every few seconds.
// A heartbeat that fails is told and tried again; the API server may be away.
func live(ctx context.Context, s *site.Site, n int) error {
	changes, end := s.Faults.Watch()
	defer end()
	tick := time.NewTicker(beat)
	defer tick.Stop()
	made := false
	for {
		stopped := Stopped(s, n)
		if !stopped {
			err := pulse(ctx, s, n, &made)
			if err != nil && ctx.Err() == nil {
				s.Log.Warn("node heartbeat", "node", s.NodeName(n), "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
			if Stopped(s, n) != stopped {
				s.Log.Info("node", "node", s.NodeName(n), "stopped", !stopped)
			}
		case <-tick.C:
		}
	}
}

func pulse(ctx context.Context, s *site.Site, n int, made *bool) error {
	if !*made {
		if err := create(ctx, s, n); err != nil {
			return err
		}
		*made = true
	}
	if err := renew(ctx, s, n); err != nil {
		return err
	}
	err := heartbeat(ctx, s, n)
	if apierrors.IsNotFound(err) {
		*made = false // somebody deleted the node: it registers again, as a kubelet does
	}
	return err
}

// create registers the node and its virt-handler pod.
func create(ctx context.Context, s *site.Site, n int) error {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: s.NodeName(n)}}
	_, err := controllerutil.CreateOrUpdate(ctx, s.Client, node, func() error {
		describe(node, s.Name, n)
		return nil
	})
	if err != nil {
		return fmt.Errorf("node %s: %w", node.Name, err)
	}
	return createHandlerPod(ctx, s, n)
}

func renew(ctx context.Context, s *site.Site, n int) error {
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: leaseNamespace, Name: s.NodeName(n)}}
	_, err := controllerutil.CreateOrUpdate(ctx, s.Client, lease, func() error {
		lease.Spec.HolderIdentity = ptr.To(s.NodeName(n))
		lease.Spec.LeaseDurationSeconds = ptr.To[int32](leaseSeconds)
		lease.Spec.RenewTime = ptr.To(metav1.NowMicro())
		return nil
	})
	if err != nil {
		return fmt.Errorf("lease of node %s: %w", s.NodeName(n), err)
	}
	return nil
}

// heartbeat tells KubeVirt (annotation) and Kubernetes (condition) that the
// node is well.
func heartbeat(ctx context.Context, s *site.Site, n int) error {
	node := &corev1.Node{}
	if err := s.Client.Get(ctx, client.ObjectKey{Name: s.NodeName(n)}, node); err != nil {
		return fmt.Errorf("node %s: %w", s.NodeName(n), err)
	}
	before := node.DeepCopy()
	beatKubeVirt(node, time.Now())
	if err := s.Client.Patch(ctx, node, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("heartbeat of node %s: %w", node.Name, err)
	}
	before = node.DeepCopy()
	node.Status = status(node.Status, s.NodeName(n), s.NodeAddress(n), time.Now())
	offer(node)
	if err := s.Client.Status().Patch(ctx, node, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("status of node %s: %w", node.Name, err)
	}
	return nil
}

// Stopped is true while the fault "node" holds node n: it does nothing and
// answers nobody.
func Stopped(s *site.Site, n int) bool {
	_, stopped := s.Faults.On(site.FaultNode, s.NodeName(n))
	return stopped
}

// Package right turns what administrators give into RBAC, as Rancher does: global
// roles become ClusterRoleBindings on the hub; a role on a cluster or on a project
// becomes bindings in that cluster, written through its tunnel, and the right to
// get the cluster on the hub, without which no proxy lets anybody in. What is
// withdrawn is removed. It never decides a request: API servers do. Begin reading
// at Setup, then at Want.
package right

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// Registry is where the tunnels tell that a cluster came.
type Registry struct {
	// Clusters are the ways into connected clusters.
	Clusters *downstream.Clusters

	cached client.Client
	live   client.Client
	pokes  chan event.GenericEvent
}

// NewRegistry makes a registry that works with a cached and a live client.
func NewRegistry(cached, live client.Client) *Registry {
	return &Registry{cached: cached, live: live, pokes: make(chan event.GenericEvent, 1024)}
}

// Poke asks for the rights of a cluster to be looked at; it never waits.
func (r *Registry) Poke(cluster string) {
	select {
	case r.pokes <- event.GenericEvent{Object: &management.Cluster{ObjectMeta: metav1.ObjectMeta{Name: cluster}}}:
	default:
	}
}

// Setup adds the controllers of rights to a manager.
func Setup(mgr ctrl.Manager, r *Registry) error {
	// Many at once: a cluster that answers slowly must not keep others waiting.
	options := controller.Options{SkipNameValidation: ptr.To(true), MaxConcurrentReconciles: 32}

	err := ctrl.NewControllerManagedBy(mgr).Named("globalright").
		For(&management.User{}).
		Watches(&management.GlobalRoleBinding{}, handler.EnqueueRequestsFromMapFunc(func(_ context.Context, o client.Object) []reconcile.Request {
			binding, ok := o.(*management.GlobalRoleBinding)
			if !ok {
				return nil
			}

			return []reconcile.Request{{NamespacedName: client.ObjectKey{Name: binding.UserName}}}
		})).
		Watches(&management.GlobalRole{}, handler.EnqueueRequestsFromMapFunc(r.allUsers)).
		WithOptions(options).
		Complete(reconcile.Func(r.reconcileUser))
	if err != nil {
		return fmt.Errorf("controller of global rights: %w", err)
	}

	err = ctrl.NewControllerManagedBy(mgr).Named("clusterright").
		For(&management.Cluster{}).
		Watches(&management.ClusterRoleTemplateBinding{}, handler.EnqueueRequestsFromMapFunc(clusterOfBinding)).
		Watches(&management.ProjectRoleTemplateBinding{}, handler.EnqueueRequestsFromMapFunc(clusterOfBinding)).
		Watches(&management.Project{}, handler.EnqueueRequestsFromMapFunc(clusterOfBinding)).
		Watches(&provisioning.Cluster{}, handler.EnqueueRequestsFromMapFunc(clusterOfBinding)).
		Watches(&management.RoleTemplate{}, handler.EnqueueRequestsFromMapFunc(r.allClusters)).
		Watches(&management.GlobalRoleBinding{}, handler.EnqueueRequestsFromMapFunc(r.allClusters)).
		Watches(&management.User{}, handler.EnqueueRequestsFromMapFunc(r.allClusters)).
		WatchesRawSource(source.Channel(r.pokes, &handler.EnqueueRequestForObject{})).
		WithOptions(options).
		Complete(reconcile.Func(r.reconcileCluster))
	if err != nil {
		return fmt.Errorf("controller of cluster rights: %w", err)
	}

	return nil
}

// clusterOfBinding is the cluster on whose rights an object bears.
func clusterOfBinding(_ context.Context, object client.Object) []reconcile.Request {
	cluster := ""

	switch have := object.(type) {
	case *management.ClusterRoleTemplateBinding:
		cluster = have.ClusterName
	case *management.ProjectRoleTemplateBinding:
		cluster, _ = SplitProject(have.ProjectName)
	case *management.Project:
		cluster = have.Spec.ClusterName
	case *provisioning.Cluster:
		cluster = have.Status.ClusterName
	}

	if cluster == "" {
		return nil
	}

	return []reconcile.Request{{NamespacedName: client.ObjectKey{Name: cluster}}}
}

func (r *Registry) allClusters(ctx context.Context, _ client.Object) []reconcile.Request {
	var all management.ClusterList
	if err := r.cached.List(ctx, &all); err != nil {
		return nil
	}

	result := make([]reconcile.Request, 0, len(all.Items))
	for i := range all.Items {
		result = append(result, reconcile.Request{NamespacedName: client.ObjectKey{Name: all.Items[i].Name}})
	}

	return result
}

func (r *Registry) allUsers(ctx context.Context, _ client.Object) []reconcile.Request {
	var all management.UserList
	if err := r.cached.List(ctx, &all); err != nil {
		return nil
	}

	result := make([]reconcile.Request, 0, len(all.Items))
	for i := range all.Items {
		result = append(result, reconcile.Request{NamespacedName: client.ObjectKey{Name: all.Items[i].Name}})
	}

	return result
}

func userSubject(name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}
}

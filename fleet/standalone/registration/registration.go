// Package registration brings clusters in and out: from the provisioning cluster
// that a person creates comes the management cluster, from that the namespace,
// the registration token and the manifest with which the cluster's agent is
// started; when the agent calls, what it brought is kept and the cluster becomes
// Connected and Ready; when the cluster is deleted, nothing of it stays. The
// tunnels themselves are in package tunnel. Begin reading at Setup.
package registration

import (
	"context"
	"fmt"
	"time"

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

// Labels, annotations and finalizers, as Rancher's where others see them.
const (
	// finalizer holds a cluster until nothing of it is left.
	finalizer = "controller.cattle.io/cluster-agent-controller-cleanup"
	// provisioningFinalizer holds the provisioning cluster until its management
	// cluster is gone.
	provisioningFinalizer = "wrangler.cattle.io/provisioning-cluster-remove"
	// annotationOwner ties a management cluster to its provisioning cluster.
	annotationOwner = "objectset.rio.cattle.io/owner-name"
	// annotationOwnerNamespace is the namespace of that provisioning cluster.
	annotationOwnerNamespace = "objectset.rio.cattle.io/owner-namespace"
	// annotationOwnerKind is its kind: Steve makes of the three a relationship, by which the dashboard finds from one to the other.
	annotationOwnerKind = "objectset.rio.cattle.io/owner-gvk"
	// annotationCluster names, on a provisioning cluster, the management cluster
	// that was there first.
	annotationCluster = "standalone.crofthci.io/management-cluster"
	// DefaultToken is the name of the registration token that every cluster has.
	DefaultToken = "default-token"
)

// probeEvery is how often a connected cluster is asked how it is.
const probeEvery = 15 * time.Second

// Options say what the controllers work with.
type Options struct {
	// Live reads and writes past any cache.
	Live client.Client
	// Clusters are the ways into connected clusters.
	Clusters *downstream.Clusters
	// ServerURL is how agents reach this server.
	ServerURL string
	// Checksum is that of this server's authority.
	Checksum func() string
	// Changes says which cluster's tunnel came or went.
	Changes <-chan event.GenericEvent
	// Leaving cleans up in a cluster that leaves and is connected still; may be nil.
	Leaving func(ctx context.Context, cluster string) error
	// Now is the clock.
	Now func() time.Time
}

// Setup adds the controllers to a manager.
func Setup(mgr ctrl.Manager, o Options) error {
	// Several hubs may live in one process, in tests.
	concurrency := controller.Options{MaxConcurrentReconciles: 8, SkipNameValidation: ptr.To(true)}
	// Many at once: a cluster that answers slowly must not keep others waiting.
	many := controller.Options{MaxConcurrentReconciles: 32, SkipNameValidation: ptr.To(true)}

	err := ctrl.NewControllerManagedBy(mgr).Named("provisioning").
		For(&provisioning.Cluster{}).
		Watches(&management.Cluster{}, handler.EnqueueRequestsFromMapFunc(ownerOf)).
		WithOptions(concurrency).
		Complete(&provisioner{cached: mgr.GetClient(), live: o.Live})
	if err != nil {
		return fmt.Errorf("controller of provisioning clusters: %w", err)
	}

	err = ctrl.NewControllerManagedBy(mgr).Named("cluster").
		For(&management.Cluster{}).
		WatchesRawSource(source.Channel(o.Changes, &handler.EnqueueRequestForObject{})).
		WithOptions(many).
		Complete(&registrar{cached: mgr.GetClient(), Options: o})
	if err != nil {
		return fmt.Errorf("controller of clusters: %w", err)
	}

	err = ctrl.NewControllerManagedBy(mgr).Named("registrationtoken").
		For(&management.ClusterRegistrationToken{}).
		WithOptions(concurrency).
		Complete(&tokens{cached: mgr.GetClient(), serverURL: o.ServerURL, checksum: o.Checksum})
	if err != nil {
		return fmt.Errorf("controller of registration tokens: %w", err)
	}

	return nil
}

func ownerOf(_ context.Context, object client.Object) []reconcile.Request {
	owner := ownerKey(object)
	if owner.Name == "" {
		return nil
	}

	return []reconcile.Request{{NamespacedName: owner}}
}

// own has a management cluster name its provisioning cluster.
func own(cluster, asked client.Object) {
	annotations := cluster.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}

	annotations[annotationOwner], annotations[annotationOwnerNamespace] = asked.GetName(), asked.GetNamespace()
	annotations[annotationOwnerKind] = provisioning.GroupVersion.String() + ", Kind=Cluster"
	cluster.SetAnnotations(annotations)
}

// owns says whether a management cluster names a provisioning cluster as its own.
func owns(asked, cluster client.Object) bool {
	return ownerKey(cluster) == client.ObjectKeyFromObject(asked)
}

// ownerKey is the provisioning cluster that a management cluster names as its own.
func ownerKey(cluster client.Object) client.ObjectKey {
	annotations := cluster.GetAnnotations()

	return client.ObjectKey{Namespace: annotations[annotationOwnerNamespace], Name: annotations[annotationOwner]}
}

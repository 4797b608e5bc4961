package site

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

// refresh is how often a Site's numbers are brought up to date when nothing else happens.
const refresh = 30 * time.Second

// Controller keeps the fleet and the Site objects the same as Rancher's clusters.
type Controller struct {
	client client.Client
	// live reads past the cache, which may know a Site better than its cluster.
	live  client.Reader
	fleet *Fleet
	// life is the hub's own; what a collector does outlives the call that began it.
	life context.Context //nolint:containedctx // see above
	news chan event.GenericEvent
	// keyring is what all sites hang on.
	keyring *keyring
	now     func() time.Time
}

// Add adds the controller to a manager.
func Add(ctx context.Context, m manager.Manager, fleet *Fleet) error {
	c := &Controller{client: m.GetClient(), live: m.GetAPIReader(), fleet: fleet, life: ctx, news: make(chan event.GenericEvent, 1024), now: time.Now}
	fleet.lock.Lock()
	fleet.changed = c.tell
	fleet.lock.Unlock()
	c.keyring = &keyring{rancher: fleet.Rancher, changed: c.tellAll}
	if err := m.Add(c.keyring); err != nil {
		return fmt.Errorf("add the look at the hub's own credentials: %w", err)
	}
	err := ctrl.NewControllerManagedBy(m).
		Named("site").
		For(&management.Cluster{}).
		Watches(&fleetv1.Site{}, &handler.EnqueueRequestForObject{}).
		WatchesRawSource(source.Channel(c.news, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: 4}).
		Complete(c)
	if err != nil {
		return fmt.Errorf("add the controller of sites: %w", err)
	}
	c.tellAll()
	return nil
}

// tellAll has every site looked at.
func (c *Controller) tellAll() {
	for _, site := range c.fleet.Index.Sites() {
		c.tell(site.ID)
	}
}

// tell has a site looked at. When very much is new at once, the regular refresh has to do.
func (c *Controller) tell(id string) {
	select {
	case c.news <- event.GenericEvent{Object: &fleetv1.Site{ObjectMeta: metav1.ObjectMeta{Name: id}}}:
	default:
	}
}

// Reconcile makes one site what its cluster says.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	cluster := &management.Cluster{}
	err := c.client.Get(ctx, request.NamespacedName, cluster)
	if apierrors.IsNotFound(err) || err == nil && !isSite(cluster) {
		return ctrl.Result{}, c.remove(ctx, request.Name)
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("read cluster %s: %w", request.Name, err)
	}
	m := c.fleet.join(c.life, cluster.Name, cluster.Spec.DisplayName)
	if c.fleet.follows.Load() {
		return ctrl.Result{RequeueAfter: refresh}, c.take(ctx, cluster.Name)
	}
	site, err := c.ensure(ctx, cluster)
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := c.report(ctx, site, cluster, m); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: refresh}, nil
}

// take gives a site a row as the replica that leads has written it. Its next word is news that comes by itself.
func (c *Controller) take(ctx context.Context, name string) error {
	site := &fleetv1.Site{}
	if err := c.client.Get(ctx, client.ObjectKey{Name: name}, site); err != nil {
		return client.IgnoreNotFound(err)
	}
	c.fleet.Conditions.set(site)
	return c.index(ctx, site)
}

// isSite says whether a cluster is one of the fleet. Rancher finds the provider out by itself and writes it in two
// places, not always both.
func isSite(cluster *management.Cluster) bool {
	if !cluster.DeletionTimestamp.IsZero() {
		return false
	}
	return cluster.Status.Provider == management.ProviderHarvester || cluster.Labels[management.LabelProvider] == management.ProviderHarvester
}

// remove takes a site out of the fleet, when its cluster is none any more and is not merely not known yet.
func (c *Controller) remove(ctx context.Context, id string) error {
	site := &fleetv1.Site{}
	err := c.client.Get(ctx, client.ObjectKey{Name: id}, site)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read site %s: %w", id, err)
	}
	there := err == nil
	if !there && !c.fleet.knows(id) {
		return nil
	}
	cluster := &management.Cluster{}
	err = c.live.Get(ctx, client.ObjectKey{Name: id}, cluster)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read cluster %s as it is now: %w", id, err)
	}
	if err == nil && isSite(cluster) {
		return nil // its news will come
	}
	if err := c.fleet.leave(ctx, id); err != nil {
		return fmt.Errorf("site %s leaves: %w", id, err)
	}
	c.fleet.Conditions.forget(id)
	if !there || c.fleet.follows.Load() {
		return nil
	}
	if err := c.client.Delete(ctx, site, client.Preconditions{UID: &site.UID}); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete site %s: %w", id, err)
	}
	return nil
}

// ensure makes the Site object, with the cluster's name.
func (c *Controller) ensure(ctx context.Context, cluster *management.Cluster) (*fleetv1.Site, error) {
	site := &fleetv1.Site{}
	err := c.client.Get(ctx, client.ObjectKeyFromObject(cluster), site)
	if apierrors.IsNotFound(err) {
		site = &fleetv1.Site{ObjectMeta: metav1.ObjectMeta{Name: cluster.Name}}
		follow(site, cluster)
		if err := c.client.Create(ctx, site); err != nil {
			return nil, fmt.Errorf("create site %s: %w", cluster.Name, err)
		}
		return site, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read site %s: %w", cluster.Name, err)
	}
	before := site.DeepCopy()
	follow(site, cluster)
	if equality.Semantic.DeepEqual(before, site) {
		return site, nil
	}
	if err := c.client.Patch(ctx, site, client.MergeFrom(before)); err != nil {
		return nil, fmt.Errorf("name and label site %s: %w", cluster.Name, err)
	}
	return site, nil
}

// follow gives a Site the name and the labels of its cluster.
func follow(site *fleetv1.Site, cluster *management.Cluster) {
	site.Spec.DisplayName = cluster.Spec.DisplayName
	label(site, cluster)
}

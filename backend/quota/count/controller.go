package count

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
	"crofthci.io/croft/pkg/quota"
)

// Controller counts.
type Controller struct {
	// Client reads and writes as the controller. It may know a quota better than the machines that it is about.
	Client client.Client
	// Live reads which machines are there now.
	Live client.Reader
	// Now is the clock.
	Now func() time.Time
}

// New is a controller on the manager's client, with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Live: manager.GetAPIReader(), Now: time.Now}
}

// SetUp adds the controller to the manager. Of machines it matters only whether they are there, and of volumes whose
// they are.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	there := predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}
	counted, err := ctrl.NewControllerManagedBy(manager).
		Named("quota-count").
		For(&harvesterv1.ResourceQuota{}).
		Watches(&kubevirt.VirtualMachine{}, ofNamespace(), builder.WithPredicates(there)).
		Watches(&corev1.PersistentVolumeClaim{}, ofNamespace(), builder.WithPredicates(predicate.AnnotationChangedPredicate{})).
		Build(c)
	if err != nil {
		return err
	}
	return manager.Add(&snapshots{manager: manager, to: counted})
}

// ofNamespace queues the quota of an object's namespace.
func ofNamespace() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, object client.Object) []reconcile.Request {
		key := client.ObjectKey{Namespace: object.GetNamespace(), Name: harvesterv1.ResourceQuotaName}
		return []reconcile.Request{{NamespacedName: key}}
	})
}

// Reconcile counts for one namespace. A namespace without a quota is not counted.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	limits := &harvesterv1.ResourceQuota{}
	if err := c.Client.Get(ctx, request.NamespacedName, limits); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if limits.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	return phase.Result(phase.Run(ctx, limits, c.forget, c.count))
}

// forget takes the limits of machines away that were there when they were counted, and are no more. A limit for a machine
// that has never been there is left alone: the machine may be about to come. So is one for a machine that has come back
// under its name, which may not be known yet.
func (c *Controller) forget(ctx context.Context, limits *harvesterv1.ResourceQuota) error {
	before := limits.DeepCopy()
	for machine := range before.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota {
		if _, counted := limits.Status.SnapshotLimitStatus.VMTotalSnapshotSizeUsage[machine]; !counted {
			continue
		}
		found, err := there(ctx, c.Client, limits.Namespace, machine)
		if err == nil && !found {
			found, err = there(ctx, c.Live, limits.Namespace, machine)
		}
		if err != nil {
			return err
		}
		if !found {
			delete(limits.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota, machine)
		}
	}
	if len(before.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota) == len(limits.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota) {
		return nil
	}
	err := c.Client.Patch(ctx, limits, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("take the limits of machines that are gone away: %w", err)
	}
	return nil
}

// there says whether a machine is there.
func there(ctx context.Context, by client.Reader, namespace, name string) (bool, error) {
	err := by.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &kubevirt.VirtualMachine{})
	if client.IgnoreNotFound(err) != nil {
		return false, fmt.Errorf("find machine %s: %w", name, err)
	}
	return err == nil, nil
}

// count writes what is used.
func (c *Controller) count(ctx context.Context, limits *harvesterv1.ResourceQuota) error {
	claims, err := quota.Claims(ctx, c.Client, limits.Namespace)
	if err != nil {
		return err
	}
	taken := &csi.VolumeSnapshotList{}
	err = c.Client.List(ctx, taken, client.InNamespace(limits.Namespace))
	if err != nil && !meta.IsNoMatchError(err) { // storage that takes no snapshots has none
		return fmt.Errorf("list the snapshots of namespace %s: %w", limits.Namespace, err)
	}
	use := quota.UseOf(taken.Items, claims)
	machines, err := c.machines(ctx, limits, use)
	if err != nil {
		return err
	}
	before := limits.DeepCopy()
	limits.Status.SnapshotLimitStatus = harvesterv1.SnapshotLimitStatus{
		NamespaceTotalSnapshotSizeUsage: use.Namespace, VMTotalSnapshotSizeUsage: machines,
	}
	limits.Status.ObservedGeneration = limits.Generation
	limits.Status.Conditions = harvesterv1.SetConditions(limits.Status.Conditions, phase.Health(nil), c.Now())
	return phase.PatchStatus(ctx, c.Client, before, limits)
}

// machines is what the snapshots take of each machine that has some, and of each that has a limit and is there.
func (c *Controller) machines(ctx context.Context, limits *harvesterv1.ResourceQuota, use quota.Use) (map[string]int64, error) {
	counted := map[string]int64{}
	for machine := range limits.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota {
		found, err := there(ctx, c.Client, limits.Namespace, machine)
		if err != nil {
			return nil, err
		}
		if found {
			counted[machine] = 0
		}
	}
	for machine, size := range use.Machines {
		if size > 0 {
			counted[machine] = size
		}
	}
	if len(counted) == 0 {
		return nil, nil
	}
	return counted, nil
}

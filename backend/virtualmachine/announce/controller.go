package announce

import (
	"context"
	"fmt"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/pkg/kubevirt"
)

// Controller notes on instances that they migrate.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient()}
}

// SetUp adds the controller to the manager. Instances are looked at only while something is noted on them, so that one
// whose migration has ended unseen is not said to migrate for ever.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	noted := predicate.NewPredicateFuncs(func(vmi client.Object) bool { return isNoted(vmi.GetAnnotations()) })
	return ctrl.NewControllerManagedBy(manager).
		Named("virtualmachine-announce").
		For(&kubevirt.VirtualMachineInstance{}, builder.OnlyMetadata, builder.WithPredicates(noted)).
		Watches(&kubevirt.Migration{}, handler.EnqueueRequestsFromMapFunc(instance)).
		Complete(c)
}

// instance is the one that a migration moves.
func instance(_ context.Context, object client.Object) []reconcile.Request {
	migration, is := object.(*kubevirt.Migration)
	if !is || migration.Spec.VMIName == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: migration.Namespace, Name: migration.Spec.VMIName}}}
}

// Reconcile notes on one instance what is true of it.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	vmi := &metav1.PartialObjectMetadata{}
	vmi.SetGroupVersionKind(kubevirt.VirtualMachineInstanceKind)
	if err := c.Client.Get(ctx, request.NamespacedName, vmi); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if vmi.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	migrations := &kubevirt.MigrationList{}
	if err := c.Client.List(ctx, migrations, client.InNamespace(vmi.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return ctrl.Result{}, fmt.Errorf("find the migrations of namespace %s: %w", vmi.Namespace, err)
	}
	wanted := Noted(vmi.Annotations, underWay(migrations, vmi.Name))
	if maps.Equal(wanted, vmi.Annotations) {
		return ctrl.Result{}, nil
	}
	before := vmi.DeepCopy()
	vmi.Annotations = wanted
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, vmi, client.MergeFrom(before))); err != nil {
		return ctrl.Result{}, fmt.Errorf("note on %s/%s that it migrates: %w", vmi.Namespace, vmi.Name, err)
	}
	return ctrl.Result{}, nil
}

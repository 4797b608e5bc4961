package defaultclass

import (
	"context"
	"fmt"
	"slices"

	storagev1 "k8s.io/api/storage/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Controller marks the default class.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient()}
}

// SetUp adds the controller to the manager. A class that comes may be the one that is waited for.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	ours := predicate.NewPredicateFuncs(func(object client.Object) bool {
		return object.GetName() == harvesterv1.SettingDefaultStorageClass
	})
	setting := func(context.Context, client.Object) []reconcile.Request {
		return []reconcile.Request{{NamespacedName: client.ObjectKey{Name: harvesterv1.SettingDefaultStorageClass}}}
	}
	return ctrl.NewControllerManagedBy(manager).
		Named("setting-default-class").
		For(&harvesterv1.Setting{}, builder.WithPredicates(ours)).
		Watches(&storagev1.StorageClass{}, handler.EnqueueRequestsFromMapFunc(setting)).
		Complete(c)
}

// Reconcile marks the class that the setting names, and takes the mark from all others: theirs first, because two are
// refused. Two that were marked in the same moment the webhook lets pass; where the setting names none, the one keeps the
// mark that Kubernetes takes.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	setting := &harvesterv1.Setting{}
	if err := c.Client.Get(ctx, request.NamespacedName, setting); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	classes := &storagev1.StorageClassList{}
	if err := c.Client.List(ctx, classes); err != nil {
		return ctrl.Result{}, fmt.Errorf("find the storage classes: %w", err)
	}
	at := slices.IndexFunc(classes.Items, func(class storagev1.StorageClass) bool { return class.Name == setting.Value })
	if setting.Value == "" || at < 0 {
		at = inForce(classes.Items)
	}
	if at < 0 {
		return ctrl.Result{}, nil
	}
	for i := range classes.Items {
		if i != at {
			if err := c.mark(ctx, &classes.Items[i], false); err != nil {
				return ctrl.Result{}, err
			}
		}
	}
	return ctrl.Result{}, c.mark(ctx, &classes.Items[at], true)
}

// inForce is which of the classes that are marked Kubernetes takes for the default: the youngest, of those the first by
// name. It is -1 when none is marked.
func inForce(classes []storagev1.StorageClass) int {
	first := -1
	for i := range classes {
		if classes[i].Annotations[harvesterv1.AnnotationDefaultClass] != "true" || classes[i].DeletionTimestamp != nil {
			continue
		}
		if first < 0 || younger(&classes[i], &classes[first]) {
			first = i
		}
	}
	return first
}

func younger(class, than *storagev1.StorageClass) bool {
	if made := class.CreationTimestamp; !made.Equal(&than.CreationTimestamp) {
		return than.CreationTimestamp.Before(&made)
	}
	return class.Name < than.Name
}

func (c *Controller) mark(ctx context.Context, class *storagev1.StorageClass, is bool) error {
	if is == (class.Annotations[harvesterv1.AnnotationDefaultClass] == "true") {
		return nil
	}
	before := class.DeepCopy()
	if class.Annotations == nil {
		class.Annotations = map[string]string{}
	}
	class.Annotations[harvesterv1.AnnotationDefaultClass] = fmt.Sprint(is)
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, class, client.MergeFrom(before))); err != nil {
		return fmt.Errorf("mark storage class %s: %w", class.Name, err)
	}
	return nil
}

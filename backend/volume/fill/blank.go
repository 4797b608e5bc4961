package fill

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"crofthci.io/croft/pkg/cdi"
)

// Blanks makes the empty disk of a namespace when a claim there waits for it. CDI does the rest. The disk stays: it is a
// few words, and the next claim needs it again.
type Blanks struct {
	// Client reads and writes as the controller.
	Client client.Client
}

// NewBlanks is the controller on the manager's client.
func NewBlanks(manager ctrl.Manager) *Blanks {
	return &Blanks{Client: manager.GetClient()}
}

// SetUp adds the controller to the manager.
func (b *Blanks) SetUp(manager ctrl.Manager) error {
	waiting := predicate.NewPredicateFuncs(func(object client.Object) bool {
		claim := object.(*corev1.PersistentVolumeClaim)
		return claim.Spec.VolumeName == "" && cdi.IsBlank(claim)
	})
	return ctrl.NewControllerManagedBy(manager).
		Named("volume-blank").
		For(&corev1.PersistentVolumeClaim{}, builder.WithPredicates(waiting)).
		Complete(b)
}

// Reconcile makes the empty disk for one claim, unless it is there.
func (b *Blanks) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	claim := &corev1.PersistentVolumeClaim{}
	if err := b.Client.Get(ctx, request.NamespacedName, claim); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if claim.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	if err := b.Client.Create(ctx, cdi.Blank(claim.Namespace)); client.IgnoreAlreadyExists(err) != nil {
		return ctrl.Result{}, fmt.Errorf("make the empty disk of namespace %s: %w", claim.Namespace, err)
	}
	return ctrl.Result{}, nil
}

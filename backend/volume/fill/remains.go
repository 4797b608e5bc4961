package fill

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

// Remains removes the data volume that remains of a claim that is gone. CDI would make the claim anew and fill it again, so
// that who has deleted a volume with kubectl, or by a client that knows nothing of CDI, would find another of its name.
// Deleted by Harvester's API both go together. The claims of images stay with their images.
type Remains struct {
	// Client reads and writes as the controller.
	Client client.Client
}

// remains is the data volume of a claim that is gone. The UID is of the one that has made that claim.
type remains struct {
	types.NamespacedName
	types.UID
}

// NewRemains is the controller on the manager's client.
func NewRemains(manager ctrl.Manager) *Remains {
	return &Remains{Client: manager.GetClient()}
}

// SetUp adds the controller to the manager.
func (r *Remains) SetUp(manager ctrl.Manager) error {
	return builder.TypedControllerManagedBy[remains](manager).
		Named("volume-remains").
		Watches(&corev1.PersistentVolumeClaim{}, handler.TypedFuncs[client.Object, remains]{
			CreateFunc: func(_ context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[remains]) {
				if e.Object.GetDeletionTimestamp() != nil {
					add(q, e.Object)
				}
			},
			UpdateFunc: func(_ context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[remains]) {
				if e.ObjectNew.GetDeletionTimestamp() != nil {
					add(q, e.ObjectNew)
				}
			},
			DeleteFunc: func(_ context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[remains]) {
				add(q, e.Object)
			},
		}).
		Complete(r)
}

// add queues the data volume of a claim that goes.
func add(queue workqueue.TypedRateLimitingInterface[remains], object client.Object) {
	if of, yes := leaves(object.(*corev1.PersistentVolumeClaim)); yes {
		queue.Add(of)
	}
}

// leaves is the data volume that a claim leaves behind, if Croft had CDI make and fill it. While it is not yet filled, CDI
// itself may remove a claim to begin again. CDI gives both one name: another claim that calls a data volume its owner is not
// believed.
func leaves(claim *corev1.PersistentVolumeClaim) (of remains, yes bool) {
	owner := metav1.GetControllerOf(claim)
	if owner == nil || owner.Kind != cdi.DataVolumeKind.Kind || owner.Name != claim.Name {
		return of, false
	}
	if claim.Status.Phase != corev1.ClaimBound || !cdi.IsKept(claim) || claim.Annotations[harvesterv1.AnnotationGoldenImage] == "true" {
		return of, false
	}
	return remains{types.NamespacedName{Namespace: claim.Namespace, Name: owner.Name}, owner.UID}, true
}

// Reconcile removes the data volume.
func (r *Remains) Reconcile(ctx context.Context, of remains) (ctrl.Result, error) {
	volume := &cdi.DataVolume{}
	if err := r.Client.Get(ctx, of.NamespacedName, volume); err != nil || volume.UID != of.UID || volume.DeletionTimestamp != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	return ctrl.Result{}, client.IgnoreNotFound(r.Client.Delete(ctx, volume, client.Preconditions{UID: &of.UID}))
}

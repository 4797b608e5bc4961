package fill

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/backend/volume"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/phase"
)

// Controller fills claims from images.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Events tells people what happened.
	Events events.EventRecorder
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Events: manager.GetEventRecorder("croft-fill")}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	ours := predicate.NewPredicateFuncs(func(object client.Object) bool {
		return volume.FromImage(object.(*corev1.PersistentVolumeClaim))
	})
	return ctrl.NewControllerManagedBy(manager).
		Named("volume-fill").
		For(&corev1.PersistentVolumeClaim{}, builder.WithPredicates(ours)).
		Owns(&cdi.DataVolume{}).
		Watches(&harvesterv1.VirtualMachineImage{}, handler.EnqueueRequestsFromMapFunc(c.waiting)).
		Complete(c)
}

// Reconcile takes one claim as far as it can be taken now.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	claim := &corev1.PersistentVolumeClaim{}
	if err := c.Client.Get(ctx, request.NamespacedName, claim); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if claim.DeletionTimestamp != nil || !volume.FromImage(claim) {
		return ctrl.Result{}, nil // what was made for it is collected with it
	}
	life := []phase.Step[*subject]{
		c.find,
		c.make,
		c.follow,
		c.handOver,
	}
	if claim.Status.Phase == corev1.ClaimBound {
		life = []phase.Step[*subject]{c.clear}
	}
	stopped := phase.Run(ctx, &subject{PersistentVolumeClaim: claim}, life...)
	c.say(claim, stopped)
	return phase.Result(stopped)
}

// waiting are the claims that wait for an image.
func (c *Controller) waiting(ctx context.Context, image client.Object) []reconcile.Request {
	claims := &corev1.PersistentVolumeClaimList{}
	if err := c.Client.List(ctx, claims); err != nil {
		return nil // the cache answers; it can only fail before it is filled, when every claim is queued anyway
	}
	var requests []reconcile.Request
	for i := range claims.Items {
		claim := &claims.Items[i]
		if volume.FromImage(claim) && claim.Spec.VolumeName == "" && harvesterv1.ImageOf(claim) == client.ObjectKeyFromObject(image) {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: claim.Namespace, Name: claim.Name}})
		}
	}
	return requests
}

package claim

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// Controller makes, grows and removes the claims of machines.
type Controller struct {
	// Client reads and writes as the controller. What it reads may be older than what was written, and know of a machine
	// before it knows of its claims.
	Client client.Client
	// Live reads what is there now: what is removed is gone for ever.
	Live client.Reader
	// Events tells people what happened.
	Events events.EventRecorder
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{
		Client: manager.GetClient(), Live: manager.GetAPIReader(), Events: manager.GetEventRecorder("croft-claim"),
	}
}

// Indexes of the cache.
const (
	// indexUsers finds claims by the machines that they list, as namespace/name.
	indexUsers = "users"
	// indexClaims finds machines by the names of their claims.
	indexClaims = "claims"
)

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	if err := index(manager.GetFieldIndexer()); err != nil {
		return err
	}
	// A running machine's status changes all the time, and says nothing about its claims.
	asked := builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))
	return ctrl.NewControllerManagedBy(manager).
		Named("virtualmachine-claim").
		For(&kubevirt.VirtualMachine{}, asked).
		Watches(&corev1.PersistentVolumeClaim{}, handler.EnqueueRequestsFromMapFunc(c.users)).
		Watches(&cdi.DataVolume{}, handler.EnqueueRequestsFromMapFunc(c.users)).
		Watches(&harvesterv1.VirtualMachineImage{}, handler.EnqueueRequestsFromMapFunc(c.waiting)).
		Watches(&storagev1.StorageClass{}, handler.EnqueueRequestsFromMapFunc(c.waiting)).
		Complete(c)
}

func index(in client.FieldIndexer) error {
	users := func(claim client.Object) []string {
		return machinesOf(claim.GetAnnotations()[harvesterv1.AnnotationOwnedBy])
	}
	if err := in.IndexField(context.Background(), &corev1.PersistentVolumeClaim{}, indexUsers, users); err != nil {
		return fmt.Errorf("index claims by machine: %w", err)
	}
	claims := func(vm client.Object) []string { return Named(vm.(*kubevirt.VirtualMachine)) }
	if err := in.IndexField(context.Background(), &kubevirt.VirtualMachine{}, indexClaims, claims); err != nil {
		return fmt.Errorf("index machines by claim: %w", err)
	}
	return nil
}

// subject is a machine with its claim templates read.
type subject struct {
	*kubevirt.VirtualMachine

	templates []Template
	// held are the volumes that others run with, in sentences.
	held []string
}

// Reconcile brings the claims of one machine to what it asks for.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	vm := &kubevirt.VirtualMachine{}
	err := c.Client.Get(ctx, request.NamespacedName, vm)
	if apierrors.IsNotFound(err) {
		return phase.Result(c.outlive(ctx, request.NamespacedName))
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	life := []phase.Step[*subject]{
		c.protect,
		c.own, // before anything that may be in the way: what a machine uses must be known of it
		c.read,
		c.disown,
		c.make,
		c.grow,
		c.alone,
	}
	if vm.DeletionTimestamp != nil {
		life = []phase.Step[*subject]{
			c.still,
			c.remove,
			c.release,
			c.let,
		}
	}
	stopped := phase.Run(ctx, &subject{VirtualMachine: vm}, life...)
	if err := c.say(ctx, vm, stopped); err != nil {
		return phase.Result(err)
	}
	return phase.Result(stopped)
}

// users are the machines that a claim or a volume concerns: those that name it, and those that it still lists.
func (c *Controller) users(ctx context.Context, object client.Object) []reconcile.Request {
	var requests []reconcile.Request
	for _, ref := range machinesOf(object.GetAnnotations()[harvesterv1.AnnotationOwnedBy]) {
		if namespace, name, found := strings.Cut(ref, "/"); found {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}})
		}
	}
	machines := &kubevirt.VirtualMachineList{}
	err := c.Client.List(ctx, machines, client.InNamespace(object.GetNamespace()), client.MatchingFields{indexClaims: object.GetName()})
	if err != nil {
		return requests // as for waiting
	}
	for i := range machines.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&machines.Items[i])})
	}
	return requests
}

// waiting are the machines that something is in the way of: an image or a class that comes may be what they wait for.
func (c *Controller) waiting(ctx context.Context, _ client.Object) []reconcile.Request {
	machines := &kubevirt.VirtualMachineList{}
	if err := c.Client.List(ctx, machines); err != nil {
		return nil // the cache answers; it can only fail before it is filled, when every machine is queued anyway
	}
	var requests []reconcile.Request
	for i := range machines.Items {
		if machines.Items[i].Annotations[harvesterv1.AnnotationClaimProblem] != "" {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&machines.Items[i])})
		}
	}
	return requests
}

// event tells people what happened to a machine's claim, nil when it is not about one. The claim is named beside the
// machine, because events that differ only in their words are counted as one.
func (c *Controller) event(vm *kubevirt.VirtualMachine, about client.Object, kind, reason, note string) {
	var related runtime.Object
	if about != nil {
		related = about
	}
	c.Events.Eventf(vm, related, kind, reason, "VolumeClaims", "%s", note)
}

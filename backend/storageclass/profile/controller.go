package profile

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/phase"
)

// Reasons in events on a storage class.
const (
	// ReasonProfileInvalid says that an annotation cannot be read; the message says which and why.
	ReasonProfileInvalid = "StorageProfileInvalid"
	// ReasonProfileWritten says that CDI was told.
	ReasonProfileWritten = "StorageProfileWritten"
)

// owner is the name under which the fields are written.
const owner = client.FieldOwner("croft-storageclass")

// Controller tells CDI about storage classes.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Events tells people what happened.
	Events events.EventRecorder
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Events: manager.GetEventRecorder("croft-profile")}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("storageclass-profile").
		For(&storagev1.StorageClass{}).
		Watches(&cdi.StorageProfile{}, &handler.EnqueueRequestForObject{}). // it has the class's name
		Complete(c)
}

// Reconcile tells CDI about one class.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	class := &storagev1.StorageClass{}
	if err := c.Client.Get(ctx, request.NamespacedName, class); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if class.DeletionTimestamp != nil {
		return ctrl.Result{}, nil // CDI takes the profile away
	}
	stopped := phase.Run(ctx, class,
		c.profile,
		c.overhead,
	)
	if stop, ok := phase.StopOf(stopped); ok && stop.Stalled {
		c.Events.Eventf(class, nil, corev1.EventTypeWarning, stop.Reason, "StorageProfile", "%s", stop.Message)
	}
	return phase.Result(stopped)
}

// profile writes the class's profile, once CDI has made it.
func (c *Controller) profile(ctx context.Context, class *storagev1.StorageClass) error {
	wanted, err := Wanted(class)
	if err != nil {
		return phase.Stall(ReasonProfileInvalid, "%s", err)
	}
	present := &cdi.StorageProfile{}
	err = c.Client.Get(ctx, types.NamespacedName{Name: class.Name}, present)
	if apierrors.IsNotFound(err) {
		return nil // its event brings us back
	}
	if err != nil {
		return fmt.Errorf("get storage profile: %w", err)
	}
	if satisfied(present, wanted) {
		return nil
	}
	applied, err := cdi.Applied(class.Name, wanted)
	if err != nil {
		return err
	}
	if err := c.Client.Apply(ctx, applied, owner, client.ForceOwnership); err != nil {
		return fmt.Errorf("write storage profile: %w", err)
	}
	c.Events.Eventf(class, nil, corev1.EventTypeNormal, ReasonProfileWritten, "StorageProfile", "CDI was told how volumes of this class are made")
	return nil
}

// overhead writes into CDI's own configuration how much a file system keeps of the class's volumes.
func (c *Controller) overhead(ctx context.Context, class *storagev1.StorageClass) error {
	installations := &cdi.InstallationList{}
	if err := c.Client.List(ctx, installations); err != nil {
		return fmt.Errorf("find CDI: %w", err)
	}
	for i := range installations.Items {
		present := &installations.Items[i]
		before := present.DeepCopy()
		if !cdi.SetOverhead(present, class.Name, overheadOf(class)) {
			continue
		}
		patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
		if err := c.Client.Patch(ctx, present, patch); err != nil {
			return fmt.Errorf("write overhead into CDI %s: %w", present.Name, err)
		}
	}
	return nil
}

package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// Reasons in the condition Ready of a downloader.
const (
	// ReasonReady says that the file can be fetched.
	ReasonReady = "Ready"
	// ReasonImageNotReady says that the image is not there, or has no bytes yet.
	ReasonImageNotReady = "ImageNotReady"
	// ReasonPreparing says that a copy of the image's volume is being made and offered; the message says how far it is.
	ReasonPreparing = "Preparing"
	// ReasonOrderRefused says that the copy or its export was refused, by a quota or because KubeVirt exports nothing here.
	ReasonOrderRefused = "OrderRefused"
)

// lookSoon is how soon to look again whether something is ready that tells us of itself only in part.
const lookSoon = 3 * time.Second

// keepAgain is how soon to look whether a copy that is ready is still there.
const keepAgain = time.Minute

// Controller keeps a copy of an image ready for each downloader.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads what is there now.
	Live client.Reader
	// Now is the clock.
	Now func() time.Time
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Live: manager.GetAPIReader(), Now: time.Now}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	sameName := handler.EnqueueRequestsFromMapFunc(func(_ context.Context, image client.Object) []reconcile.Request {
		return []reconcile.Request{{NamespacedName: client.ObjectKeyFromObject(image)}}
	})
	return ctrl.NewControllerManagedBy(manager).
		Named("image-deliver").
		For(&harvesterv1.VirtualMachineImageDownloader{}).
		Watches(&harvesterv1.VirtualMachineImage{}, sameName).
		Complete(c)
}

type downloader = harvesterv1.VirtualMachineImageDownloader

// subject is a downloader with its image.
type subject struct {
	*downloader

	image *image
}

// Reconcile takes one downloader as far as it can be taken now.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	found := &downloader{}
	if err := c.Client.Get(ctx, request.NamespacedName, found); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if found.DeletionTimestamp != nil {
		return ctrl.Result{}, nil // the export is the downloader's own and collected with it
	}
	before := found.DeepCopy()
	stopped := phase.Run(ctx, &subject{downloader: found},
		c.look,
		c.belong,
		c.order,
		c.follow,
	)
	c.describe(found, stopped)
	if err := phase.PatchStatus(ctx, c.Client, before, found); err != nil {
		return phase.Result(err)
	}
	if errors.Is(stopped, errAgain) {
		return ctrl.Result{}, nil
	}
	if stopped == nil {
		return ctrl.Result{RequeueAfter: keepAgain}, nil
	}
	return phase.Result(stopped)
}

// look looks for the image.
func (c *Controller) look(ctx context.Context, s *subject) error {
	s.image = &image{}
	err := c.Client.Get(ctx, client.ObjectKeyFromObject(s.downloader), s.image)
	if apierrors.IsNotFound(err) {
		return phase.Wait(ReasonImageNotReady, 0, "image %s does not exist", s.Name)
	}
	if err != nil {
		return fmt.Errorf("get image: %w", err)
	}
	if !s.image.Ready() {
		return phase.Wait(ReasonImageNotReady, 0, "image %s has no bytes to download yet", s.Name)
	}
	return nil
}

// belong has the downloader go with its image: the one that is there now, because with an owner that is gone the downloader
// would be collected.
func (c *Controller) belong(ctx context.Context, s *subject) error {
	for _, owner := range s.OwnerReferences {
		if owner.UID == s.image.UID {
			return nil
		}
	}
	now := &image{}
	err := c.Live.Get(ctx, client.ObjectKeyFromObject(s.image), now)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("get image as it is now: %w", err)
	}
	if err != nil || now.UID != s.image.UID {
		return phase.Wait(ReasonImageNotReady, 0, "image %s has just been removed or made anew", s.Name)
	}
	before := s.DeepCopy()
	s.OwnerReferences = append(s.OwnerReferences, ownedBy(harvesterv1.VirtualMachineImageKind, s.image))
	status := s.Status
	if err := c.Client.Patch(ctx, s.downloader, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("have the downloader go with its image: %w", err)
	}
	s.Status = status
	return errAgain
}

// errAgain ends a run whose object was changed: its event is on the way, and the copy at hand is old.
var errAgain = errors.New("changed")

// order orders the copy and its export. An export whose time is over is ordered anew. What Longhorn keeps is had from it
// without an order.
func (c *Controller) order(ctx context.Context, s *subject) error {
	if s.image.IsBacked() {
		return nil
	}
	owner := ownedBy(harvesterv1.ImageDownloaderKind, s.downloader)
	err := order{c.Client, exportOf(s.image)}.place(ctx, s.image, &owner)
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err) {
		return phase.Wait(ReasonOrderRefused, time.Minute, "%s", err)
	}
	return err
}

// follow asks whether the bytes can be had.
func (c *Controller) follow(ctx context.Context, s *subject) error {
	if s.image.IsBacked() {
		return nil
	}
	o := order{c.Client, exportOf(s.image)}
	export := &kubevirt.Export{}
	if err := c.Client.Get(ctx, o.key, export); err != nil {
		return phase.Wait(ReasonPreparing, lookSoon, "the export is being made")
	}
	if _, waits := kubevirt.OfferOf(export); waits != "" {
		return phase.Wait(ReasonPreparing, lookSoon, "%s", o.explain(ctx, waits))
	}
	return nil
}

// describe writes the status, in the one place that does.
func (c *Controller) describe(of *downloader, stopped error) {
	if errors.Is(stopped, errAgain) {
		return
	}
	ready := harvesterv1.Condition{Type: harvesterv1.DownloaderReady, Status: metav1.ConditionTrue, Reason: ReasonReady}
	of.Status.ObservedGeneration = of.Generation
	of.Status.Status = harvesterv1.DownloaderStatusReady
	of.Status.DownloadURL = "/v1/harvester/harvesterhci.io.virtualmachineimages/" + of.Namespace + "/" + of.Name + "/download"
	if stopped != nil {
		of.Status.Status, of.Status.DownloadURL = harvesterv1.DownloaderStatusProgressing, ""
		ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, ReasonPreparing, stopped.Error()
	}
	if stop, ok := phase.StopOf(stopped); ok {
		ready.Reason = stop.Reason
	}
	stalled := phase.Health(stopped)[1]
	of.Status.Conditions = harvesterv1.SetConditions(of.Status.Conditions, []harvesterv1.Condition{ready, stalled}, c.Now())
}

package fill

import (
	"context"
	"fmt"
	"strings"
	"time"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/backend/image/source"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/outside"
	"crofthci.io/croft/pkg/phase"
)

// Controller brings the bytes of images to the site.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads what is too much to keep a cache of, and what is there now before anything is taken for lost or useless.
	Live client.Reader
	// Events tells people what happened.
	Events events.EventRecorder
	// Probe finds out what a URL holds.
	Probe func(ctx context.Context, url string) (source.File, error)
	// Now is the clock.
	Now func() time.Time
	// FallbackSize is the size of the volume for a file that does not tell the size of the disk inside.
	FallbackSize resource.Quantity
	// Pause is how long to wait before the attempt after the given number of failures.
	Pause func(failed int) time.Duration
	// Relay is the URL at which importers reach the relay, "" where there is none.
	Relay string

	namesakes namesakes
}

// Options are what a site decides about images.
type Options struct {
	// FallbackSize is the size of the volume for a file that does not tell the size of the disk inside.
	FallbackSize resource.Quantity
	// Loopback says that images may be fetched from the loopback addresses of the node that the controller runs on.
	Loopback bool
	// Relay is the URL at which importers reach the relay, such as http://croft-relay.harvester-system.svc:9442. Default
	// none: all images are fetched straight from their source.
	Relay string
}

// New is a controller with the real clock, network and pauses.
func New(manager ctrl.Manager, options Options) *Controller {
	reader := manager.GetClient()
	return &Controller{
		Client: reader,
		Live:   manager.GetAPIReader(),
		Events: manager.GetEventRecorder("croft-image"),
		Probe: func(ctx context.Context, url string) (source.File, error) {
			way, err := outside.Find(ctx, reader)
			if err != nil {
				return source.File{}, err
			}
			return source.Probe(ctx, source.Client(options.Loopback, way), url)
		},
		Now:          time.Now,
		FallbackSize: options.FallbackSize,
		Pause:        Doubling,
		Relay:        strings.TrimSuffix(options.Relay, "/"),
	}
}

// Doubling is 10 seconds after the first failure and twice as long after each further one, up to five minutes.
func Doubling(failed int) time.Duration {
	const first, longest = 10 * time.Second, 5 * time.Minute
	pause := first
	for range failed - 1 {
		pause = min(2*pause, longest)
	}
	return pause
}

// atOnce is how many images are looked at at the same time. A source that does not answer keeps one of them waiting, and
// must not keep all.
const atOnce = 8

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("image-fill").
		WithOptions(controller.Options{MaxConcurrentReconciles: atOnce}).
		For(&harvesterv1.VirtualMachineImage{}).
		Owns(&cdi.DataVolume{}).
		Watches(&storagev1.StorageClass{}, handler.EnqueueRequestsFromMapFunc(c.unfinished)).
		Complete(c)
}

// Reconcile takes one image as far as it can be taken now.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	image := &image{}
	if err := c.Client.Get(ctx, request.NamespacedName, image); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if image.DeletionTimestamp != nil {
		return phase.Result(c.end(ctx, image)) // a volume is the image's own and collected with it
	}
	if protected, err := c.protect(ctx, image); protected || err != nil {
		return ctrl.Result{}, err
	}
	before := image.DeepCopy()
	stopped := phase.Run(ctx, image, c.life(image)...)
	c.describe(image, stopped)
	if err := phase.PatchStatus(ctx, c.Client, before, image); err != nil {
		return phase.Result(err)
	}
	if image.IsBacked() && image.Ready() {
		return ctrl.Result{RequeueAfter: lookAgain}, nil // nobody tells us when a backing image goes
	}
	return phase.Result(notFinished(stopped))
}

// life is what happens to an image, in the order in which it does.
func (c *Controller) life(of *image) []phase.Step[*image] {
	if of.IsBacked() {
		return []phase.Step[*image]{
			c.named,
			c.keepBacked,
			c.accept,
			c.clearBacked,
			c.placeBacked,
			c.open,
			c.attend,
			c.pace,
			c.measureBacked,
			c.fillBacked,
			c.followBacked,
		}
	}
	return []phase.Step[*image]{
		c.named,
		c.keep,
		c.accept,
		c.clear,
		c.attend,
		c.pace,
		c.place,
		c.measure,
		c.fill,
		c.follow,
	}
}

// unfinished are the images that a new storage class may help.
func (c *Controller) unfinished(ctx context.Context, _ client.Object) []reconcile.Request {
	images := &harvesterv1.VirtualMachineImageList{}
	if err := c.Client.List(ctx, images); err != nil {
		return nil // the cache answers; it can only fail before it is filled, when every image is queued anyway
	}
	var requests []reconcile.Request
	for i := range images.Items {
		if !images.Items[i].Ready() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&images.Items[i])})
		}
	}
	return requests
}

// warn tells people about something that went wrong with an image.
func (c *Controller) warn(image *harvesterv1.VirtualMachineImage, reason, format string, args ...any) {
	c.Events.Eventf(image, nil, "Warning", reason, "Fill", "%s", fmt.Sprintf(format, args...))
}

// tell tells people about something that happened to an image.
func (c *Controller) tell(image *harvesterv1.VirtualMachineImage, reason, format string, args ...any) {
	c.Events.Eventf(image, nil, "Normal", reason, "Fill", "%s", fmt.Sprintf(format, args...))
}

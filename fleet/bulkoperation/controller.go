package bulkoperation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// kept is how long an operation is kept after its end, and glance how soon it is looked again at items under way.
const (
	kept   = 7 * 24 * time.Hour
	glance = 2 * time.Second
	atOnce = time.Millisecond
)

// atTheSameTime is how many operations go on at the same time.
const atTheSameTime = 8

// Controller does what operations ask for. One hub does it at a time: see Add.
type Controller struct {
	client client.Client
	// live reads past the cache: what was written a moment ago decides what is sent.
	live    client.Reader
	access  *serve.Access
	types   []*index.Type
	rancher *rest.Config
	now     func() time.Time
	// begun is when this hub took bulk work over.
	begun time.Time
}

// settling is how long after its start a hub does not hold it against a site that it has not reached it yet.
const settling = time.Minute

// young says whether the hub has only just begun, so that sites may still be on their way to it.
func (c *Controller) young() bool {
	return c.now().Sub(c.begun) < settling
}

// Options say with what the controller works.
type Options struct {
	// Access finds rows within a person's rights.
	Access *serve.Access
	// Types are those whose objects have actions.
	Types []*index.Type
	// Rancher is how Rancher is reached, by a token that may act as others; the sites are behind it.
	Rancher *rest.Config
}

// Add adds the controller to a manager, which should elect a leader. Two that overlap for a moment do nothing twice:
// see decision.md.
func Add(m manager.Manager, options Options) error {
	c := &Controller{
		client: m.GetClient(), live: m.GetAPIReader(), access: options.Access, types: options.Types, rancher: options.Rancher, now: time.Now, begun: time.Now(),
	}
	err := ctrl.NewControllerManagedBy(m).
		Named("bulkoperation").
		For(&fleetv1.BulkOperation{}, builder.OnlyMetadata, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: atTheSameTime}).
		Complete(c)
	if err != nil {
		return fmt.Errorf("add the controller of bulk operations: %w", err)
	}
	return nil
}

// Reconcile takes one operation one step on: one wave at most, so that what somebody wants meanwhile is heard.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	op := &fleetv1.BulkOperation{}
	if err := c.live.Get(ctx, request.NamespacedName, op); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if ended(op.Status.Phase) {
		return c.keep(ctx, op)
	}
	w, err := c.begin(op)
	for _, each := range []func(context.Context, *work) error{c.resolve, c.check, c.settle} {
		if err == nil {
			err = each(ctx, w)
		}
	}
	var again time.Duration
	if err == nil {
		again, err = c.proceed(ctx, w)
	}
	return c.stop(ctx, op, again, err)
}

// errAwaited says that sites have not come to the hub yet that have to be asked.
var errAwaited = errors.New("sites are still on their way to the hub")

// stop says when an operation is looked at again. What can never be done ends it; what somebody changed meanwhile is
// read anew.
func (c *Controller) stop(ctx context.Context, op *fleetv1.BulkOperation, again time.Duration, err error) (ctrl.Result, error) {
	if sentence, ok := err.(refusal); ok { //nolint:errorlint // it is never wrapped
		err = c.end(ctx, op, fleetv1.BulkFailed, string(sentence))
	}
	switch {
	case errors.Is(err, errAwaited):
		return ctrl.Result{RequeueAfter: glance}, nil
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: atOnce}, nil
	case apierrors.IsNotFound(err):
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("bulk operation %s: %w", op.Name, err)
	default:
		return ctrl.Result{RequeueAfter: again}, nil
	}
}

// keep keeps an operation for a while after its end.
func (c *Controller) keep(ctx context.Context, op *fleetv1.BulkOperation) (ctrl.Result, error) {
	if op.Status.EndTime == nil {
		return ctrl.Result{}, nil
	}
	if left := op.Status.EndTime.Add(kept).Sub(c.now()); left > 0 {
		return ctrl.Result{RequeueAfter: left}, nil
	}
	return ctrl.Result{}, client.IgnoreNotFound(c.client.Delete(ctx, op, client.Preconditions{UID: &op.UID}))
}

// work is an operation and the way to its objects.
type work struct {
	op   *fleetv1.BulkOperation
	kind *index.Type
	door door
}

func (c *Controller) begin(op *fleetv1.BulkOperation) (*work, error) {
	kind, err := typeOf(c.types, op.Spec.Type)
	if err != nil {
		return nil, err
	}
	d, err := open(c.rancher, op.Spec.Creator)
	return &work{op: op, kind: kind, door: d}, err
}

// resolve finds the objects, once.
func (c *Controller) resolve(ctx context.Context, w *work) error {
	if w.op.Status.ResolvedTime != nil {
		return nil
	}
	if c.young() && slices.ContainsFunc(c.access.Index.Sites(), func(site index.Site) bool { return !site.Complete }) {
		return errAwaited // the index was begun anew: rows may be missing that will be there in a moment
	}
	items, err := find(ctx, c.access, w.kind, w.op.Spec)
	if err != nil {
		return err
	}
	now := metav1.NewTime(c.now())
	w.op.Status.ResolvedTime, w.op.Status.Items = &now, items
	return c.write(ctx, w.op, fleetv1.BulkPending, "The sites are asked what they would say.")
}

// proceed does what comes next.
func (c *Controller) proceed(ctx context.Context, w *work) (time.Duration, error) {
	op := w.op
	counts := count(op.Status.Items)
	if op.Spec.Mode == fleetv1.BulkDryRun {
		return 0, c.write(ctx, op, fleetv1.BulkChecked, checkedSentence(counts))
	}
	allowed := allowance(op.Spec.Failures.Max, counts.Total)
	switch decide(op.Spec.Mode, counts, allowed) {
	case stepWave:
		return atOnce, c.wave(ctx, w)
	case stepWait:
		return glance, c.write(ctx, op, fleetv1.BulkRunning, waitSentence(counts))
	case stepHold:
		return 0, c.write(ctx, op, fleetv1.BulkPaused, "Somebody has paused it: spec.mode is Pause.")
	case stepExceed:
		return 0, c.exceed(ctx, op, counts, allowed)
	case stepCancel:
		return atOnce, c.end(ctx, op, fleetv1.BulkCancelled, cancelledSentence(counts))
	default:
		return atOnce, c.end(ctx, op, fleetv1.BulkCompleted, endSentence(counts))
	}
}

// exceed pauses or ends an operation with too many failures.
func (c *Controller) exceed(ctx context.Context, op *fleetv1.BulkOperation, counts fleetv1.BulkCounts, allowed int32) error {
	if op.Spec.Failures.Then == fleetv1.BulkExcessFail {
		return c.end(ctx, op, fleetv1.BulkFailed, excessSentence(counts, allowed))
	}
	return c.write(ctx, op, fleetv1.BulkPaused, excessSentence(counts, allowed)+" Raise spec.failures.max to go on with the rest, or cancel it.")
}

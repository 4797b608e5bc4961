package scale

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
	"crofthci.io/croft/pkg/rancher/management"
)

// Reasons in events on a quota.
const (
	// ReasonRaised says that a quota was made larger.
	ReasonRaised = "QuotaRaised"
	// ReasonRestored says that it is as large as it was.
	ReasonRestored = "QuotaRestored"
)

// Controller makes quotas larger and smaller.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads pods and instances from the API server: they are of interest while a machine of a limited namespace moves.
	Live client.Reader
	// Events tells people what happened.
	Events events.EventRecorder
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{
		Client: manager.GetClient(), Live: manager.GetAPIReader(), Events: manager.GetEventRecorder("croft-quota"),
	}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	ours := predicate.NewPredicateFuncs(func(quota client.Object) bool { return concerned(quota.(*corev1.ResourceQuota)) })
	// What is used changes with every pod, and is nobody's limit.
	set := predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := e.ObjectOld.(*corev1.ResourceQuota), e.ObjectNew.(*corev1.ResourceQuota)
		return !equality.Semantic.DeepEqual(was.Spec, is.Spec) ||
			!maps.Equal(was.Annotations, is.Annotations) || !maps.Equal(was.Labels, is.Labels)
	}}
	return ctrl.NewControllerManagedBy(manager).
		Named("quota-scale").
		For(&corev1.ResourceQuota{}, builder.WithPredicates(ours, set)).
		Watches(&kubevirt.Migration{}, handler.EnqueueRequestsFromMapFunc(c.quotas)).
		Complete(c)
}

// concerned says whether a quota is made larger, or was.
func concerned(quota *corev1.ResourceQuota) bool {
	return Raised(quota) || scales(quota)
}

// Raised says whether a quota is larger than it is without the machines that move.
func Raised(quota *corev1.ResourceQuota) bool {
	_, raised := quota.Annotations[harvesterv1.AnnotationQuotaBefore]
	return raised
}

// scales says whether a quota may be made larger: it is Rancher's, and nobody has forbidden it.
func scales(quota *corev1.ResourceQuota) bool {
	return quota.Labels[management.LabelQuota] == "true" && quota.Annotations[harvesterv1.AnnotationSkipScaling] != "true"
}

// quotas are those of a migration's namespace.
func (c *Controller) quotas(ctx context.Context, migration client.Object) []reconcile.Request {
	all := &corev1.ResourceQuotaList{}
	if c.Client.List(ctx, all, client.InNamespace(migration.GetNamespace())) != nil {
		return nil // the cache answers; it can only fail before it is filled, when every quota is queued anyway
	}
	var requests []reconcile.Request
	for i := range all.Items {
		if concerned(&all.Items[i]) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&all.Items[i])})
		}
	}
	return requests
}

// Reconcile brings one quota to what it is to be while what moves moves.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	quota := &corev1.ResourceQuota{}
	if err := c.Client.Get(ctx, request.NamespacedName, quota); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if quota.DeletionTimestamp != nil || !concerned(quota) {
		return ctrl.Result{}, nil
	}
	moves, err := c.moves(ctx, quota)
	if err != nil {
		return ctrl.Result{}, err
	}
	return phase.Result(c.write(ctx, quota, Scaled(quota, moves)))
}

// write writes a quota when it is another, unless somebody else has written it since.
func (c *Controller) write(ctx context.Context, before, after *corev1.ResourceQuota) error {
	if equality.Semantic.DeepEqual(before, after) {
		return nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Patch(ctx, after, patch); err != nil {
		return client.IgnoreNotFound(err)
	}
	reason, sentence := ReasonRaised, "The quota is larger while machines of the namespace move."
	if !Raised(after) {
		reason, sentence = ReasonRestored, "The quota is as large as it was: no machine moves."
	}
	c.Events.Eventf(after, nil, corev1.EventTypeNormal, reason, "Scale", "%s", sentence)
	return nil
}

// moves are the migrations under way in a quota's namespace that it is to be larger for.
func (c *Controller) moves(ctx context.Context, quota *corev1.ResourceQuota) ([]Move, error) {
	if !scales(quota) {
		return nil, nil
	}
	migrations := &kubevirt.MigrationList{}
	if err := c.Client.List(ctx, migrations, client.InNamespace(quota.Namespace)); err != nil {
		return nil, fmt.Errorf("find the migrations of namespace %s: %w", quota.Namespace, err)
	}
	known := read(quota).added
	var moves []Move
	for i := range migrations.Items {
		migration := &migrations.Items[i]
		if migration.IsFinal() {
			continue
		}
		if _, found := known[migration.UID]; found {
			moves = append(moves, Move{UID: migration.UID})
			continue
		}
		pods, err := c.pods(ctx, migration)
		if err != nil {
			return nil, err
		}
		if len(pods) > 0 {
			moves = append(moves, Move{UID: migration.UID, Needs: NeedsOf(quota.Spec.Hard, pods)})
		}
	}
	return moves, nil
}

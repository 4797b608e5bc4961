package guestcredential

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// finalizer keeps a credential until its account at the site is gone.
const finalizer = "crofthci.io/guest-credential"

// When a site is asked again: a good credential at the latest after longest and never sooner than soonest; after a refusal
// that a person has to mend; and how long a credential is kept whose cluster nobody makes.
const (
	longest    = 12 * time.Hour
	soonest    = time.Minute
	afterWhile = 5 * time.Minute
	orphaned   = 24 * time.Hour
)

// Controller has credentials minted, keeps them good and takes them back. One hub does it at a time.
type Controller struct {
	client client.Client
	// live reads past the cache: whether a cluster is gone, and whose a secret is, decides what is deleted.
	live    client.Reader
	rancher *rest.Config
	now     func() time.Time
}

// Add adds the controller to a manager.
func Add(m manager.Manager, rancher *rest.Config) error {
	c := &Controller{client: m.GetClient(), live: m.GetAPIReader(), rancher: rancher, now: time.Now}
	err := ctrl.NewControllerManagedBy(m).
		Named("guestcredential").
		For(&fleetv1.GuestCredential{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		// A cluster that comes or goes has the name of its credential.
		WatchesMetadata(clusterMeta("", ""), &handler.EnqueueRequestForObject{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: 8}).
		Complete(c)
	if err != nil {
		return fmt.Errorf("add the controller of guest credentials: %w", err)
	}
	return nil
}

func clusterMeta(namespace, name string) *metav1.PartialObjectMetadata {
	meta := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	meta.SetGroupVersionKind(provisioning.GroupVersion.WithKind("Cluster"))
	return meta
}

// Reconcile brings one credential a step further.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	of := &fleetv1.GuestCredential{}
	if err := c.client.Get(ctx, request.NamespacedName, of); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !of.DeletionTimestamp.IsZero() {
		return c.takeBack(ctx, of)
	}
	cluster, gone, err := c.cluster(ctx, of)
	if err != nil || gone {
		return ctrl.Result{}, errors.Join(err, c.drop(ctx, of, gone))
	}
	if controllerutil.AddFinalizer(of, finalizer) {
		if err := c.client.Update(ctx, of); err != nil {
			return ctrl.Result{}, err
		}
	}
	before := of.DeepCopy()
	if cluster != "" {
		of.Status.ClusterUID = cluster
	}
	again, failure := c.keep(ctx, of)
	if !equality.Semantic.DeepEqual(before.Status, of.Status) {
		if err := c.client.Status().Patch(ctx, of, client.MergeFrom(before)); err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	return ctrl.Result{RequeueAfter: again}, failure
}

// cluster is the UID of the credential's cluster, empty before there is one. It is gone when it was there and is not, or is
// another of the name, and when nobody has made it in a day.
func (c *Controller) cluster(ctx context.Context, of *fleetv1.GuestCredential) (uid string, gone bool, err error) {
	meta := clusterMeta(of.Namespace, of.Name)
	err = c.live.Get(ctx, client.ObjectKeyFromObject(of), meta)
	if client.IgnoreNotFound(err) != nil {
		return "", false, fmt.Errorf("read cluster %s: %w", of.Name, err)
	}
	if err == nil {
		return string(meta.UID), of.Status.ClusterUID != "" && of.Status.ClusterUID != string(meta.UID), nil
	}
	return "", of.Status.ClusterUID != "" || c.now().Sub(of.CreationTimestamp.Time) > orphaned, nil
}

// drop deletes a credential whose cluster is gone.
func (c *Controller) drop(ctx context.Context, of *fleetv1.GuestCredential, gone bool) error {
	if !gone {
		return nil
	}
	return client.IgnoreNotFound(c.client.Delete(ctx, of, client.Preconditions{UID: &of.UID}))
}

// keep has the site mint the credential if that is due, and writes into the status how that went.
func (c *Controller) keep(ctx context.Context, of *fleetv1.GuestCredential) (time.Duration, error) {
	if sentence, err := c.taken(ctx, of); err != nil || sentence != "" {
		return c.judge(of, fleetv1.ReasonCredentialTaken, sentence, afterWhile), err
	}
	again, end := longest, time.Time{}
	now := metav1.NewTime(c.now())
	for _, wanted := range accesses(of) {
		minted, err := c.mint(ctx, of, wanted)
		if err != nil {
			return c.refusal(of, err), nil
		}
		if sentence, err := c.store(ctx, of, wanted, minted.kubeconfig); err != nil || sentence != "" {
			return c.judge(of, fleetv1.ReasonCredentialTaken, sentence, afterWhile), err
		}
		if sentence, err := c.share(ctx, of, wanted); err != nil || sentence != "" {
			return c.judge(of, fleetv1.ReasonCredentialTaken, sentence, afterWhile), err
		}
		*wanted.kept = wanted.secret
		again, end = min(again, minted.life.renewal(now.Time, longest)), earlier(end, minted.life.end)
	}
	of.Status.CloudProviderConfig = reference(of)
	of.Status.MintedTime, of.Status.ExpirationTime = &now, nil
	if !end.IsZero() {
		of.Status.ExpirationTime = &metav1.Time{Time: end}
	}
	return c.judge(of, fleetv1.ReasonCredentialMinted, "The secret has what the site has minted.", again), nil
}

// refusal writes into the status why the site has minted nothing.
func (c *Controller) refusal(of *fleetv1.GuestCredential, err error) time.Duration {
	var no *refused
	var bad unusable
	switch {
	case errors.As(err, &no) && !no.again():
		return c.judge(of, fleetv1.ReasonCredentialRefused, no.message, afterWhile)
	case errors.As(err, &bad):
		return c.judge(of, fleetv1.ReasonCredentialUnusable, "The site's answer cannot be used: "+bad.Error()+".", afterWhile)
	default:
		return c.judge(of, fleetv1.ReasonCredentialUnreachable, "The site has not answered: "+err.Error(), soonest)
	}
}

// judge writes the condition and says when to look again. A sentence of none is no judgement: something failed in the hub.
func (c *Controller) judge(of *fleetv1.GuestCredential, reason, sentence string, again time.Duration) time.Duration {
	if sentence == "" {
		return 0
	}
	status := metav1.ConditionFalse
	if reason == fleetv1.ReasonCredentialMinted {
		status = metav1.ConditionTrue
	}
	setCondition(&of.Status.Conditions, metav1.Condition{
		Type: fleetv1.ConditionCredentialReady, Status: status, Reason: reason, Message: sentence, ObservedGeneration: of.Generation,
	})
	return again
}

// store writes the secret, or says why it may not.
func (c *Controller) store(ctx context.Context, of *fleetv1.GuestCredential, wanted access, kubeconfig []byte) (string, error) {
	secret := secretOf(of, wanted, kubeconfig)
	present := &corev1.Secret{}
	err := c.live.Get(ctx, client.ObjectKeyFromObject(secret), present)
	switch {
	case apierrors.IsNotFound(err):
		return "", c.client.Create(ctx, secret)
	case err != nil:
		return "", err
	case !ours(present, of):
		return "The secret " + present.Name + " is there already and was not made for this credential. Delete it.", nil
	}
	before := present.DeepCopy()
	fill(present, of, wanted, kubeconfig)
	if equality.Semantic.DeepEqual(before, present) {
		return "", nil
	}
	return "", c.client.Update(ctx, present)
}

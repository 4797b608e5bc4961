package guestcredential

import (
	"context"
	"errors"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// minted is what a site has answered.
type minted struct {
	kubeconfig []byte
	life       life
}

// unusable is an answer of a site that is no credential.
type unusable struct{ error }

// longestMessage is the most of a site's sentence that is kept, less than a condition may have.
const longestMessage = 1024

// mint asks the site as the credential's creator, and writes into the status whose account that is.
func (c *Controller) mint(ctx context.Context, of *fleetv1.GuestCredential, wanted access) (minted, error) {
	door, err := openAs(c.rancher, of.Spec.Site, of.Spec.Creator)
	if err != nil {
		return minted{}, err
	}
	var made minted
	if made.kubeconfig, err = door.mint(ctx, of.Spec.MachineNamespace, wanted); err != nil {
		return minted{}, err
	}
	if made.life, err = inspect(made.kubeconfig, of.Spec.MachineNamespace); err != nil {
		return minted{}, unusable{err}
	}
	uid, err := door.uid(ctx, of.Spec.MachineNamespace, wanted.account)
	if err != nil {
		return minted{}, err
	}
	*wanted.uid = uid
	return made, nil
}

// taken says who else has the account at the site that this credential would have: clusters of one name, in two namespaces
// of the hub. The older one keeps it.
func (c *Controller) taken(ctx context.Context, of *fleetv1.GuestCredential) (string, error) {
	all := &fleetv1.GuestCredentialList{}
	if err := c.client.List(ctx, all); err != nil {
		return "", err
	}
	for i := range all.Items {
		other := &all.Items[i]
		if other.UID == of.UID || other.Name != of.Name || other.Spec.Site != of.Spec.Site || other.Spec.MachineNamespace != of.Spec.MachineNamespace {
			continue
		}
		if other.Status.AccountUID != "" || of.Status.AccountUID == "" && other.CreationTimestamp.Before(&of.CreationTimestamp) {
			return "The cluster " + other.Name + " in " + other.Namespace + " has the service account of this name in the same namespace of the site. Choose another namespace for the machines, or another name for the cluster.", nil
		}
	}
	return "", nil
}

// takeBack deletes the service accounts at the site, and then lets the credential go, and its secrets with it.
func (c *Controller) takeBack(ctx context.Context, of *fleetv1.GuestCredential) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(of, finalizer) {
		return ctrl.Result{}, nil
	}
	before := of.DeepCopy()
	for _, wanted := range accesses(of) {
		err := c.removeAccount(ctx, of, wanted)
		if err == nil {
			continue
		}
		c.judge(of, fleetv1.ReasonCredentialUnreachable, "The service account at the site is not deleted yet: "+err.Error(), soonest)
		return ctrl.Result{RequeueAfter: soonest}, client.IgnoreNotFound(c.client.Status().Patch(ctx, of, client.MergeFrom(before)))
	}
	controllerutil.RemoveFinalizer(of, finalizer)
	return ctrl.Result{}, client.IgnoreNotFound(c.client.Update(ctx, of))
}

// removeAccount deletes an account as the creator, or as the hub if he may not any more: it is the one that the site has
// minted for this credential, by its UID. Of a site that has left nothing is to be taken back.
func (c *Controller) removeAccount(ctx context.Context, of *fleetv1.GuestCredential, wanted access) error {
	if *wanted.uid == "" {
		return nil
	}
	site := &fleetv1.Site{}
	if err := c.live.Get(ctx, client.ObjectKey{Name: of.Spec.Site}, site); err != nil {
		return client.IgnoreNotFound(err)
	}
	door, err := openAs(c.rancher, of.Spec.Site, of.Spec.Creator)
	if err != nil {
		return err
	}
	err = door.remove(ctx, of.Spec.MachineNamespace, wanted.account, *wanted.uid)
	if answered(err, http.StatusForbidden, http.StatusUnauthorized) {
		if door, err = open(c.rancher, of.Spec.Site); err != nil {
			return err
		}
		err = door.remove(ctx, of.Spec.MachineNamespace, wanted.account, *wanted.uid)
	}
	// It is gone, or another of the name is there.
	if answered(err, http.StatusNotFound, http.StatusConflict) {
		return nil
	}
	return err
}

func answered(err error, statuses ...int) bool {
	var no *refused
	if !errors.As(err, &no) {
		return false
	}
	for _, status := range statuses {
		if no.status == status {
			return true
		}
	}
	return false
}

// setCondition bounds what a site has said before it is written down.
func setCondition(conditions *[]metav1.Condition, condition metav1.Condition) {
	if len(condition.Message) > longestMessage {
		condition.Message = condition.Message[:longestMessage]
	}
	condition.LastTransitionTime = metav1.NewTime(time.Now())
	meta.SetStatusCondition(conditions, condition)
}

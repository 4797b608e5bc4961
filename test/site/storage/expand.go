package storage

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/test/site/site"
)

// resizer makes volumes larger when their claims ask for more. A guest that
// runs from the volume learns of it from its virt-handler, at its next look at
// the machine.
type resizer struct {
	site    *site.Site
	events  record.EventRecorder
	volumes volumes
}

// wantsMore says whether a bound claim asks for more than it has.
func wantsMore(claim *corev1.PersistentVolumeClaim) bool {
	return claim.DeletionTimestamp == nil &&
		claim.Status.Phase == corev1.ClaimBound &&
		claim.Spec.VolumeName != "" &&
		requested(claim) > claim.Status.Capacity.Storage().Value()
}

// Reconcile grows one claim's volume.
func (r *resizer) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var claim corev1.PersistentVolumeClaim
	wanted, err := look(ctx, r.site, request, &claim, func() bool { return wantsMore(&claim) })
	if err != nil || !wanted {
		return reconcile.Result{}, err
	}
	var volume corev1.PersistentVolume
	if err := r.site.Client.Get(ctx, client.ObjectKey{Name: claim.Spec.VolumeName}, &volume); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if !ours(&volume) {
		return reconcile.Result{}, nil
	}
	began, err := r.begin(ctx, &claim)
	if err != nil {
		return reconcile.Result{}, err
	}
	value, ordered := r.site.Faults.Of(FaultExpand, &claim)
	if limit, err := resource.ParseQuantity(value); ordered && err == nil && !isDuration(value) {
		if requested(&claim) > limit.Value() {
			return reconcile.Result{RequeueAfter: retryAfter}, r.refuse(ctx, &claim, &limit)
		}
		ordered = false
	}
	wait, fails := trouble(value, ordered, began, time.Now())
	if fails {
		r.events.Eventf(&claim, corev1.EventTypeWarning, "VolumeResizeFailed",
			"resize volume %q by resizer %q failed: rpc error: code = Internal desc = the storage was told to fail", volume.Name, Driver)
		return reconcile.Result{RequeueAfter: retryAfter}, nil
	}
	if wait > 0 {
		return reconcile.Result{RequeueAfter: wait}, nil
	}
	return reconcile.Result{}, r.grow(ctx, &claim, &volume)
}

// begin says on the claim that it is being resized, and since when.
func (r *resizer) begin(ctx context.Context, claim *corev1.PersistentVolumeClaim) (time.Time, error) {
	for _, condition := range claim.Status.Conditions {
		if condition.Type == corev1.PersistentVolumeClaimResizing {
			return condition.LastTransitionTime.Time, nil
		}
	}
	now := metav1.Now()
	claim.Status.Conditions = append(claim.Status.Conditions, corev1.PersistentVolumeClaimCondition{
		Type: corev1.PersistentVolumeClaimResizing, Status: corev1.ConditionTrue, LastTransitionTime: now,
	})
	r.events.Eventf(claim, corev1.EventTypeNormal, "Resizing", "External resizer is resizing volume %s", claim.Spec.VolumeName)
	if err := r.site.Client.Status().Update(ctx, claim); err != nil {
		return now.Time, fmt.Errorf("begin to resize claim %s/%s: %w", claim.Namespace, claim.Name, err)
	}
	return now.Time, nil
}

// refuse says on the claim, as a resizer does, that the driver will never make the volume so large, and why. Asking for
// less, which Kubernetes allows then, is the way out.
func (r *resizer) refuse(ctx context.Context, claim *corev1.PersistentVolumeClaim, limit *resource.Quantity) error {
	size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	message := fmt.Sprintf("rpc error: code = OutOfRange desc = a volume of %s is more than the %s that there may be", size.String(), limit.String())
	infeasible := claim.Status.AllocatedResourceStatuses[corev1.ResourceStorage] == corev1.PersistentVolumeClaimControllerResizeInfeasible
	if before := claim.Status.AllocatedResources[corev1.ResourceStorage]; infeasible && before.Cmp(size) == 0 {
		return nil
	}
	claim.Status.AllocatedResources = corev1.ResourceList{corev1.ResourceStorage: size}
	claim.Status.AllocatedResourceStatuses = map[corev1.ResourceName]corev1.ClaimResourceStatus{
		corev1.ResourceStorage: corev1.PersistentVolumeClaimControllerResizeInfeasible,
	}
	claim.Status.Conditions = []corev1.PersistentVolumeClaimCondition{{
		Type: corev1.PersistentVolumeClaimControllerResizeError, Status: corev1.ConditionTrue,
		LastTransitionTime: metav1.Now(), Message: message,
	}}
	r.events.Eventf(claim, corev1.EventTypeWarning, "VolumeResizeFailed", "resize volume %q by resizer %q failed: %s",
		claim.Spec.VolumeName, Driver, message)
	return r.site.Client.Status().Update(ctx, claim)
}

// grow makes file, volume and claim larger, in this order.
func (r *resizer) grow(ctx context.Context, claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume) error {
	size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	if err := r.volumes.grow(volume.Spec.CSI.VolumeHandle, size.Value()); err != nil {
		return fmt.Errorf("grow volume %s: %w", volume.Name, err)
	}
	if volume.Spec.Capacity.Storage().Cmp(size) < 0 {
		volume.Spec.Capacity[corev1.ResourceStorage] = size
		if err := r.site.Client.Update(ctx, volume); err != nil {
			return err
		}
	}
	claim.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: size}
	claim.Status.Conditions = nil
	claim.Status.AllocatedResources = nil
	claim.Status.AllocatedResourceStatuses = nil
	if err := r.site.Client.Status().Update(ctx, claim); err != nil {
		return err
	}
	r.events.Event(claim, corev1.EventTypeNormal, "VolumeResizeSuccessful", "Resize volume succeeded")
	return nil
}

package storage

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/record"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/test/site/site"
)

// reclaimer removes the bytes of volumes that nobody claims any more.
type reclaimer struct {
	site    *site.Site
	events  record.EventRecorder
	volumes volumes
}

// fate is what becomes of a volume.
type fate int

const (
	keep fate = iota
	// removeAll: bytes, then object.
	removeAll
	// release: the object goes, its bytes stay, as the policy Retain says.
	release
)

// fateOf decides. A volume whose object is being deleted while a claim still
// has it is kept by Kubernetes' own finalizer until the claim is gone.
func fateOf(volume *corev1.PersistentVolume) fate {
	if !ours(volume) {
		return keep
	}
	deletes := volume.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete
	free := volume.Status.Phase == corev1.VolumeReleased || volume.Status.Phase == corev1.VolumeFailed
	if volume.DeletionTimestamp == nil {
		if free && deletes {
			return removeAll
		}
		return keep
	}
	if volume.Status.Phase == corev1.VolumeBound {
		return keep
	}
	if deletes {
		return removeAll
	}
	return release
}

// Reconcile reclaims one volume.
func (r *reclaimer) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var volume corev1.PersistentVolume
	wanted, err := look(ctx, r.site, request, &volume, func() bool { return fateOf(&volume) != keep })
	if err != nil || !wanted {
		return reconcile.Result{}, err
	}
	if _, ordered := r.site.Faults.Of(FaultDelete, &volume); ordered {
		r.events.Event(&volume, corev1.EventTypeWarning, "VolumeFailedDelete", "rpc error: code = Internal desc = the storage was told to fail")
		return reconcile.Result{RequeueAfter: retryAfter}, nil
	}
	if fateOf(&volume) == removeAll {
		if err := r.volumes.remove(volume.Spec.CSI.VolumeHandle); err != nil {
			return reconcile.Result{}, err
		}
	}
	if volume.DeletionTimestamp == nil {
		if err := r.site.Client.Delete(ctx, &volume); client.IgnoreNotFound(err) != nil {
			return reconcile.Result{}, err
		}
		if err := r.site.Client.Get(ctx, request.NamespacedName, &volume); err != nil {
			return reconcile.Result{}, client.IgnoreNotFound(err)
		}
	}
	if !controllerutil.RemoveFinalizer(&volume, finalizer) {
		return reconcile.Result{}, nil
	}
	return reconcile.Result{}, client.IgnoreNotFound(r.site.Client.Update(ctx, &volume))
}

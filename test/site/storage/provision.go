package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/tools/record"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/test/site/site"
)

// retryAfter is when a claim that could not be served is looked at again.
const retryAfter = 3 * time.Second

// provisioner makes volumes for claims.
type provisioner struct {
	site    *site.Site
	events  record.EventRecorder
	volumes volumes
}

// Reconcile gives one claim its volume, if it calls for one of ours.
func (p *provisioner) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var claim corev1.PersistentVolumeClaim
	wanted, err := look(ctx, p.site, request, &claim, func() bool { return calls(&claim) })
	if err != nil || !wanted {
		return reconcile.Result{}, err
	}
	value, ordered := p.site.Faults.Of(FaultProvision, &claim)
	wait, fails := trouble(value, ordered, claim.CreationTimestamp.Time, time.Now())
	if wait > 0 {
		return reconcile.Result{RequeueAfter: wait}, nil
	}
	err = p.provision(ctx, &claim, fails)
	if ctx.Err() != nil {
		return reconcile.Result{}, nil
	}
	if err != nil {
		p.events.Eventf(&claim, corev1.EventTypeWarning, "ProvisioningFailed",
			"failed to provision volume with StorageClass %q: %v", *claim.Spec.StorageClassName, err)
		return reconcile.Result{RequeueAfter: retryAfter}, nil
	}
	return reconcile.Result{}, nil
}

func (p *provisioner) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim, fails bool) error {
	if fails {
		return errors.New("rpc error: code = Internal desc = the storage was told to fail")
	}
	if claim.Spec.StorageClassName == nil {
		return errors.New("the claim has no storage class")
	}
	var class storagev1.StorageClass
	if err := p.site.Client.Get(ctx, client.ObjectKey{Name: *claim.Spec.StorageClassName}, &class); err != nil {
		return err
	}
	volume := volumeFor(claim, &class)
	err := p.site.Client.Get(ctx, client.ObjectKeyFromObject(volume), &corev1.PersistentVolume{})
	if !apierrors.IsNotFound(err) {
		return err
	}
	from, err := p.source(ctx, claim, &class)
	if err != nil {
		return err
	}
	if err := p.room(ctx, &class, requested(claim)); err != nil {
		return fmt.Errorf("rpc error: code = ResourceExhausted desc = %w", err)
	}
	p.events.Eventf(claim, corev1.EventTypeNormal, "Provisioning",
		"External provisioner is provisioning volume for claim %q", claim.Namespace+"/"+claim.Name)
	if err := p.volumes.create(ctx, volume.Name, requested(claim), from); err != nil {
		return fmt.Errorf("rpc error: code = Internal desc = %w", err)
	}
	if err := p.site.Client.Create(ctx, volume); err != nil {
		return err
	}
	p.events.Eventf(claim, corev1.EventTypeNormal, "ProvisioningSucceeded", "Successfully provisioned volume %s", volume.Name)
	return nil
}

// source is the file that a claim's volume starts as, "" for an empty one.
func (p *provisioner) source(ctx context.Context, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) (string, error) {
	switch originOf(claim) {
	case aClaim:
		return p.sourceClaim(ctx, claim)
	case aSnapshot:
		return p.sourceSnapshot(ctx, claim)
	case nowhere:
		return p.sourceImage(ctx, claim, class)
	}
	return "", nil
}

func (p *provisioner) sourceClaim(ctx context.Context, claim *corev1.PersistentVolumeClaim) (string, error) {
	var from corev1.PersistentVolumeClaim
	key := client.ObjectKey{Namespace: sourceNamespace(claim), Name: claim.Spec.DataSourceRef.Name}
	if err := p.site.Client.Get(ctx, key, &from); err != nil {
		return "", fmt.Errorf("error getting PVC %s as data source: %w", key, err)
	}
	if from.Status.Phase != corev1.ClaimBound {
		return "", fmt.Errorf("the PVC %s of the data source is not bound", key)
	}
	handle, err := handleOf(ctx, p.site.Client, from.Spec.VolumeName)
	if err != nil {
		return "", err
	}
	return p.fitting(handle, p.volumes.path(handle), from.Status.Capacity.Storage().Value(), claim)
}

func (p *provisioner) sourceSnapshot(ctx context.Context, claim *corev1.PersistentVolumeClaim) (string, error) {
	var from snapshotv1.VolumeSnapshot
	key := client.ObjectKey{Namespace: sourceNamespace(claim), Name: claim.Spec.DataSourceRef.Name}
	if err := p.site.Client.Get(ctx, key, &from); err != nil {
		return "", fmt.Errorf("error getting snapshot %s from api server: %w", key, err)
	}
	status := from.Status
	if status == nil || status.ReadyToUse == nil || !*status.ReadyToUse || status.BoundVolumeSnapshotContentName == nil {
		return "", fmt.Errorf("snapshot %s is not Ready", key)
	}
	var content snapshotv1.VolumeSnapshotContent
	if err := p.site.Client.Get(ctx, client.ObjectKey{Name: *status.BoundVolumeSnapshotContentName}, &content); err != nil {
		return "", err
	}
	if content.Status == nil || content.Status.SnapshotHandle == nil || !serves(content.Spec.Driver) {
		return "", fmt.Errorf("snapshot %s has no bytes with driver %s", key, Driver)
	}
	size := int64(0)
	if status.RestoreSize != nil {
		size = status.RestoreSize.Value()
	}
	handle := *content.Status.SnapshotHandle
	return p.fitting(handle, p.volumes.snapshot(handle), size, claim)
}

// fitting refuses a source that is larger than the volume made of it.
func (p *provisioner) fitting(handle, path string, size int64, claim *corev1.PersistentVolumeClaim) (string, error) {
	if size > requested(claim) {
		return "", fmt.Errorf("requested volume size %d is less than the size %d for the source %s", requested(claim), size, handle)
	}
	return path, nil
}

// room asks whether a class has room for more, where a fault limits it.
func (p *provisioner) room(ctx context.Context, class *storagev1.StorageClass, more int64) error {
	value, limited := p.site.Faults.Of(FaultCapacity, class)
	if !limited {
		return nil
	}
	limit, err := resource.ParseQuantity(value)
	if err != nil {
		return fmt.Errorf("fault %s of storage class %s: %q is no quantity: %w", FaultCapacity, class.Name, value, err)
	}
	var all corev1.PersistentVolumeList
	if err := p.site.Client.List(ctx, &all); err != nil {
		return err
	}
	used := int64(0)
	for _, volume := range all.Items {
		if volume.Spec.StorageClassName == class.Name {
			used += volume.Spec.Capacity.Storage().Value()
		}
	}
	return room(limit.Value(), used, more)
}

// handleOf is the handle of a volume of ours.
func handleOf(ctx context.Context, c client.Reader, name string) (string, error) {
	var volume corev1.PersistentVolume
	if err := c.Get(ctx, client.ObjectKey{Name: name}, &volume); err != nil {
		return "", err
	}
	if !ours(&volume) {
		return "", fmt.Errorf("volume %s is not of driver %s", name, Driver)
	}
	return volume.Spec.CSI.VolumeHandle, nil
}

func ours(volume *corev1.PersistentVolume) bool {
	return volume.Spec.CSI != nil && serves(volume.Spec.CSI.Driver)
}

package storage

import (
	"context"
	"fmt"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"crofthci.io/croft/test/site/site"
)

const (
	// boundProtection is put on a content by the snapshot controller; the driver's
	// side takes it off when the bytes are gone.
	boundProtection = "snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection"
	// beingDeleted is put on a content by the snapshot controller when its
	// snapshot may go.
	beingDeleted = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted"
)

// snapshotter does for the snapshot controller, which is upstream's, what the
// sidecar of a driver does: it takes and removes what a content stands for.
type snapshotter struct {
	site    *site.Site
	events  record.EventRecorder
	volumes volumes
}

// unfinished says whether there is something to do for a content.
func unfinished(content *snapshotv1.VolumeSnapshotContent) bool {
	if !serves(content.Spec.Driver) {
		return false
	}
	return content.DeletionTimestamp != nil || content.Status == nil || !ptr.Deref(content.Status.ReadyToUse, false)
}

// Reconcile takes or removes one snapshot.
func (s *snapshotter) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var content snapshotv1.VolumeSnapshotContent
	wanted, err := look(ctx, s.site, request, &content, func() bool { return unfinished(&content) })
	if err != nil || !wanted {
		return reconcile.Result{}, err
	}
	if content.DeletionTimestamp != nil {
		return reconcile.Result{}, s.remove(ctx, &content)
	}
	wait, fails, err := s.trouble(ctx, &content)
	if err != nil {
		return reconcile.Result{}, err
	}
	if wait > 0 {
		return reconcile.Result{RequeueAfter: wait}, nil
	}
	status, err := s.take(ctx, &content, fails)
	if ctx.Err() != nil {
		return reconcile.Result{}, nil
	}
	if err != nil {
		return reconcile.Result{RequeueAfter: retryAfter}, s.fail(ctx, &content, err)
	}
	content.Status = status
	return reconcile.Result{}, s.site.Client.Status().Update(ctx, &content)
}

// trouble asks for a fault of the snapshot that a content is for: that is what
// a person sees and annotates.
func (s *snapshotter) trouble(ctx context.Context, content *snapshotv1.VolumeSnapshotContent) (time.Duration, bool, error) {
	var snapshot snapshotv1.VolumeSnapshot
	key := client.ObjectKey{Namespace: content.Spec.VolumeSnapshotRef.Namespace, Name: content.Spec.VolumeSnapshotRef.Name}
	if err := s.site.Client.Get(ctx, key, &snapshot); err != nil {
		return 0, false, client.IgnoreNotFound(err)
	}
	value, ordered := s.site.Faults.Of(FaultSnapshot, &snapshot)
	wait, fails := trouble(value, ordered, snapshot.CreationTimestamp.Time, time.Now())
	return wait, fails, nil
}

// take keeps a volume's bytes, or finds those that a handle names.
func (s *snapshotter) take(ctx context.Context, content *snapshotv1.VolumeSnapshotContent, fails bool) (*snapshotv1.VolumeSnapshotContentStatus, error) {
	if fails {
		return nil, fmt.Errorf("rpc error: code = Internal desc = the storage was told to fail")
	}
	handle := content.Name
	from := content.Spec.Source
	var size int64
	var err error
	if from.VolumeHandle != nil {
		size, err = s.volumes.takeSnapshot(ctx, handle, *from.VolumeHandle)
	} else if from.SnapshotHandle != nil {
		handle = *from.SnapshotHandle
		size, err = fileSize(s.volumes.snapshot(handle))
	}
	if err != nil {
		return nil, fmt.Errorf("rpc error: code = NotFound desc = %w", err)
	}
	return &snapshotv1.VolumeSnapshotContentStatus{
		SnapshotHandle: &handle,
		CreationTime:   ptr.To(time.Now().UnixNano()),
		ReadyToUse:     ptr.To(true),
		RestoreSize:    &size,
	}, nil
}

// fail says on the content what went wrong; the snapshot controller says it on
// the snapshot.
func (s *snapshotter) fail(ctx context.Context, content *snapshotv1.VolumeSnapshotContent, cause error) error {
	message := fmt.Sprintf("Failed to check and update snapshot content: failed to take snapshot of the volume %s: %q",
		ptr.Deref(content.Spec.Source.VolumeHandle, ""), cause)
	s.events.Event(content, corev1.EventTypeWarning, "SnapshotCreationFailed", message)
	if content.Status == nil {
		content.Status = &snapshotv1.VolumeSnapshotContentStatus{}
	}
	if content.Status.Error != nil && ptr.Deref(content.Status.Error.Message, "") == message {
		return nil
	}
	content.Status.ReadyToUse = ptr.To(false)
	content.Status.Error = &snapshotv1.VolumeSnapshotError{Message: &message, Time: ptr.To(metav1.Now())}
	return s.site.Client.Status().Update(ctx, content)
}

// remove takes the bytes away, unless they are to be retained, and then the
// finalizer, which ends the content.
func (s *snapshotter) remove(ctx context.Context, content *snapshotv1.VolumeSnapshotContent) error {
	if content.Annotations[beingDeleted] == "" && content.Spec.Source.VolumeHandle != nil &&
		controllerutil.ContainsFinalizer(content, boundProtection) && s.wanted(ctx, content) {
		return nil
	}
	if content.Spec.DeletionPolicy == snapshotv1.VolumeSnapshotContentDelete {
		handle := content.Name
		if content.Status != nil && content.Status.SnapshotHandle != nil {
			handle = *content.Status.SnapshotHandle
		}
		if err := s.volumes.removeSnapshot(handle); err != nil {
			return err
		}
	}
	if !controllerutil.RemoveFinalizer(content, boundProtection) {
		return nil
	}
	return client.IgnoreNotFound(s.site.Client.Update(ctx, content))
}

// wanted says whether the snapshot of a content still stands: then the content
// waits, deleted or not.
func (s *snapshotter) wanted(ctx context.Context, content *snapshotv1.VolumeSnapshotContent) bool {
	var snapshot snapshotv1.VolumeSnapshot
	key := client.ObjectKey{Namespace: content.Spec.VolumeSnapshotRef.Namespace, Name: content.Spec.VolumeSnapshotRef.Name}
	err := s.site.Client.Get(ctx, key, &snapshot)
	if apierrors.IsNotFound(err) {
		return false
	}
	return err != nil || (snapshot.DeletionTimestamp == nil && snapshot.UID == content.Spec.VolumeSnapshotRef.UID)
}

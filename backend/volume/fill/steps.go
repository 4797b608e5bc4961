package fill

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/backend/volume"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/phase"
)

// Reasons in events on a claim.
const (
	// ReasonImageAwaited says that the image does not exist or has no bytes yet; the message names it.
	ReasonImageAwaited = "ImageAwaited"
	// ReasonFilling says that the image's bytes are being copied.
	ReasonFilling = "Filling"
	// ReasonFillFailed says that an attempt failed, or cannot begin; the message has CDI's words. CDI tries again.
	ReasonFillFailed = "FillFailed"
	// ReasonFilled says that all bytes are there.
	ReasonFilled = "Filled"
)

// lookAgain is how soon to look at something that nothing tells us about.
const lookAgain = time.Minute

// subject is a claim with the data volume that is filled for it.
type subject struct {
	*corev1.PersistentVolumeClaim

	image  *harvesterv1.VirtualMachineImage
	filled *cdi.DataVolume
}

// key is where the data volume of the claim, and the claim that comes of that, are.
func (s *subject) key() types.NamespacedName {
	return types.NamespacedName{Namespace: s.Namespace, Name: volume.FillName(s.PersistentVolumeClaim)}
}

// find finds the image and waits for its bytes.
func (c *Controller) find(ctx context.Context, s *subject) error {
	id := harvesterv1.ImageOf(s)
	s.image = &harvesterv1.VirtualMachineImage{}
	err := c.Client.Get(ctx, id, s.image)
	if apierrors.IsNotFound(err) {
		return phase.Wait(ReasonImageAwaited, lookAgain, "image %s does not exist", id)
	}
	if err != nil {
		return fmt.Errorf("get image %s: %w", id, err)
	}
	if s.image.DeletionTimestamp != nil || !s.image.Ready() {
		return phase.Wait(ReasonImageAwaited, lookAgain, "image %s is not ready", id)
	}
	return nil
}

// make has CDI copy the image into a data volume that is like the claim, and the claim's own.
func (c *Controller) make(ctx context.Context, s *subject) error {
	s.filled = &cdi.DataVolume{}
	err := c.Client.Get(ctx, s.key(), s.filled)
	if err == nil || !apierrors.IsNotFound(err) {
		return err
	}
	wanted := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: s.key().Name}}
	wanted.Spec = *s.Spec.DeepCopy()
	s.filled = cdi.Clone{Claim: wanted, SourceNamespace: s.image.Namespace, SourceName: s.image.Name, AtOnce: true}.Volume()
	if err := controllerutil.SetControllerReference(s.PersistentVolumeClaim, s.filled, c.Client.Scheme()); err != nil {
		return fmt.Errorf("own data volume: %w", err)
	}
	err = c.Client.Create(ctx, s.filled)
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err) {
		return phase.Wait(ReasonFillFailed, lookAgain, "the copy of image %s is refused: %s", harvesterv1.ImageOf(s), err)
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make data volume: %w", err)
	}
	c.Events.Eventf(s.PersistentVolumeClaim, nil, corev1.EventTypeNormal, ReasonFilling, "Fill", "copying image %s", harvesterv1.ImageOf(s))
	return nil
}

// follow waits until CDI has copied all bytes.
func (c *Controller) follow(_ context.Context, s *subject) error {
	state := cdi.StateOf(s.filled)
	switch {
	case state.Failed || state.Blocked:
		return phase.Wait(ReasonFillFailed, lookAgain, "%s", state.Message)
	case !state.Done:
		return phase.Wait(ReasonFilling, 0, "%d %% of the bytes are there", state.Progress)
	default:
		return nil
	}
}

// handOver gives the volume with the bytes to the claim. Kubernetes binds a claim to the volume that names it; the one
// that it was made for is lost then, and collected with its data volume.
func (c *Controller) handOver(ctx context.Context, s *subject) error {
	source := &corev1.PersistentVolumeClaim{}
	if err := c.Client.Get(ctx, s.key(), source); err != nil {
		return fmt.Errorf("get filled claim: %w", err)
	}
	full := &corev1.PersistentVolume{}
	if err := c.Client.Get(ctx, types.NamespacedName{Name: source.Spec.VolumeName}, full); err != nil {
		return fmt.Errorf("get filled volume: %w", err)
	}
	ref := full.Spec.ClaimRef
	if ref == nil || ref.UID == s.UID || ref.UID != source.UID {
		return phase.Wait(ReasonFilling, lookAgain, "the volume is being bound")
	}
	before := full.DeepCopy()
	full.Spec.ClaimRef = &corev1.ObjectReference{
		APIVersion: "v1", Kind: "PersistentVolumeClaim",
		Namespace: s.Namespace, Name: s.Name, UID: s.UID, ResourceVersion: s.ResourceVersion,
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Patch(ctx, full, patch); err != nil {
		return fmt.Errorf("hand volume %s to the claim: %w", full.Name, err)
	}
	c.Events.Eventf(s.PersistentVolumeClaim, nil, corev1.EventTypeNormal, ReasonFilled, "Fill", "all bytes of image %s are there", harvesterv1.ImageOf(s))
	return nil
}

// clear removes the data volume of a claim that has its bytes.
func (c *Controller) clear(ctx context.Context, s *subject) error {
	filled := &cdi.DataVolume{}
	err := c.Client.Get(ctx, s.key(), filled)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("get data volume: %w", err)
	}
	if err := c.Client.Delete(ctx, filled, client.Preconditions{UID: &filled.UID}); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("remove data volume: %w", err)
	}
	return nil
}

// say tells people what is in the way. What merely takes its time is told by the volume's state.
func (c *Controller) say(claim *corev1.PersistentVolumeClaim, stopped error) {
	stop, ok := phase.StopOf(stopped)
	if !ok || stop.Reason == ReasonFilling {
		return
	}
	c.Events.Eventf(claim, nil, corev1.EventTypeWarning, stop.Reason, "Fill", "%s", stop.Message)
}

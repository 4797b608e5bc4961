package fill

import (
	"context"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/phase"
)

// lookAgain is how soon to look at something that nothing tells us about.
const lookAgain = time.Minute

type image = harvesterv1.VirtualMachineImage

// keep ends the run for an image whose bytes are there. Bytes that somebody took away are fetched again.
func (c *Controller) keep(ctx context.Context, image *image) error {
	if !image.Ready() {
		return nil
	}
	claim := &corev1.PersistentVolumeClaim{}
	err := c.Client.Get(ctx, client.ObjectKeyFromObject(image), claim)
	if apierrors.IsNotFound(err) {
		err = c.Live.Get(ctx, client.ObjectKeyFromObject(image), claim) // the cache may know the image better than its claim
	}
	if err == nil {
		return errFinished
	}
	if !apierrors.IsNotFound(err) {
		return fmt.Errorf("get golden volume: %w", err)
	}
	c.warn(image, ReasonVolumeLost, "the volume %s is gone; its bytes are fetched again", image.Name)
	image.Status.Progress = 0
	return nil
}

// accept turns away what no backend here can do.
func (c *Controller) accept(_ context.Context, image *image) error {
	if image.Spec.SourceType == harvesterv1.ImageSourceRestore {
		return phase.Stall(ReasonSourceUnknown, "sourceType restore is not served here: there is no backup to restore an image from")
	}
	return nil
}

// place chooses the storage class: the image's own, its annotation's, or the site's default.
func (c *Controller) place(ctx context.Context, image *image) error {
	classes := &storagev1.StorageClassList{}
	if err := c.Client.List(ctx, classes); err != nil {
		return fmt.Errorf("list storage classes: %w", err)
	}
	class, err := choose(image, classes.Items)
	if err != nil {
		return err
	}
	image.Status.TargetStorageClassName = class
	image.Status.StorageClassName = class
	return nil
}

// clear removes what a failed attempt has left, so that the next one starts from nothing. The failure is counted before:
// nothing that says so is taken away until the count is kept.
func (c *Controller) clear(ctx context.Context, image *image) error {
	volume := &cdi.DataVolume{}
	err := c.Client.Get(ctx, client.ObjectKeyFromObject(image), volume)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("get failed volume: %w", err)
	}
	if !metav1.IsControlledBy(volume, image) || volume.DeletionTimestamp != nil {
		return nil
	}
	failed := cdi.StateOf(volume).Failed
	why := useless(image, volume, failed)
	if why == nil {
		return nil
	}
	if err := c.unlessUsed(ctx, image, volume, failed); err != nil {
		return err
	}
	err = c.Client.Delete(ctx, volume, client.Preconditions{UID: &volume.UID})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("remove failed volume: %w", err)
	}
	return why
}

// unlessUsed stops when a volume is of use to the image as it is now, as that of an upload is of which the cache has not
// heard. Its news will come.
func (c *Controller) unlessUsed(ctx context.Context, remembered *image, volume client.Object, failed bool) error {
	now := &image{}
	err := c.Live.Get(ctx, client.ObjectKeyFromObject(remembered), now)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("look at the image as it is now: %w", err)
	}
	if err != nil || now.UID != remembered.UID || now.Ready() || useless(now, volume, failed) == nil {
		return phase.Wait(ReasonImporting, time.Second, "the image has just changed")
	}
	return nil
}

// useless says why a volume, or a backing image, is of no use any more and what to wait for meanwhile, nil when it is of
// use. failed is what its keeper says of it.
func useless(image *image, volume client.Object, failed bool) error {
	if image.Spec.SourceType == harvesterv1.ImageSourceUpload {
		attempt, ok := upload.Of(image)
		switch {
		case !ok || attempt.ID != volume.GetAnnotations()[harvesterv1.AnnotationUpload]:
			return phase.Wait(ReasonUploadAwaited, time.Second, "what is left of the last upload is being removed")
		case attempt.Counted(image):
			return phase.Wait(ReasonUploadFailed, time.Second, "%s", lastMessage(image))
		}
		return nil
	}
	// By its number it is known whether the failure of a volume has been counted, however old the image is that the cache has.
	number, err := strconv.Atoi(volume.GetAnnotations()[annotationAttempt])
	if err != nil || number > image.Status.Failed || !failed {
		return nil
	}
	return phase.Wait(failureOf(image), time.Second, "%s", lastMessage(image))
}

// lastMessage is what the condition Imported says.
func lastMessage(image *image) string {
	if imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported); imported != nil {
		return imported.Message
	}
	return ""
}

// pace leaves time between attempts, and gives up after as many as the image allows.
func (c *Controller) pace(_ context.Context, image *image) error {
	imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
	if image.Status.Failed == 0 || imported == nil || image.Spec.SourceType == harvesterv1.ImageSourceUpload {
		return nil
	}
	if imported.Reason == ReasonChecksumMismatch || image.Status.Failed > image.Spec.Retry {
		return phase.Stall(failureOf(image), "%s", imported.Message)
	}
	// A time that cannot be read was written by somebody else; the next failure writes it anew.
	if failedAt, err := time.Parse(time.RFC3339, image.Status.LastFailedTime); err == nil {
		if left := failedAt.Add(c.Pause(image.Status.Failed)).Sub(c.Now()); left > 0 {
			return phase.Wait(failureOf(image), left, "%s", imported.Message)
		}
	}
	return nil
}

// fill has CDI make and fill the golden volume.
func (c *Controller) fill(ctx context.Context, image *image) error {
	volume := &cdi.DataVolume{}
	err := c.Client.Get(ctx, client.ObjectKeyFromObject(image), volume)
	if apierrors.IsNotFound(err) {
		return c.makeVolume(ctx, image)
	}
	if err != nil {
		return fmt.Errorf("get golden volume: %w", err)
	}
	if !metav1.IsControlledBy(volume, image) {
		return phase.Wait(ReasonNameTaken, lookAgain, "a volume named %s exists already in %s and is not this image's",
			image.Name, image.Namespace)
	}
	if volume.DeletionTimestamp != nil {
		return phase.Wait(ReasonImporting, 0, "what is left of the last attempt is being removed")
	}
	return nil
}

func (c *Controller) makeVolume(ctx context.Context, image *image) error {
	claim := &corev1.PersistentVolumeClaim{}
	err := c.Client.Get(ctx, client.ObjectKeyFromObject(image), claim)
	switch {
	case err == nil && claim.DeletionTimestamp == nil && !leftOver(claim):
		return phase.Wait(ReasonNameTaken, lookAgain, "a claim named %s exists already in %s", image.Name, image.Namespace)
	case err == nil:
		return phase.Wait(ReasonImporting, time.Second, "what is left of the last attempt is being removed")
	case !apierrors.IsNotFound(err):
		return fmt.Errorf("get claim: %w", err)
	}
	source, err := c.sourceOf(ctx, image)
	if err != nil {
		return err
	}
	volume := goldenVolume(image, source)
	if err := controllerutil.SetControllerReference(image, volume, c.Client.Scheme()); err != nil {
		return fmt.Errorf("own golden volume: %w", err)
	}
	if err := c.Client.Create(ctx, volume); err != nil {
		if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err) {
			return phase.Wait(ReasonVolumeRefused, lookAgain, "the volume is refused: %s", err)
		}
		return fmt.Errorf("create golden volume: %w", err)
	}
	c.tell(image, ReasonImporting, "fetching %s into a volume of %s on storage class %s", origin(image),
		resource.NewQuantity(image.Status.VirtualSize, resource.BinarySI), image.Status.TargetStorageClassName)
	return phase.Wait(ReasonImporting, 0, "the volume is being made")
}

// leftOver says whether a claim goes with a volume of its name, which is gone: nobody has collected it yet.
func leftOver(claim *corev1.PersistentVolumeClaim) bool {
	owner := metav1.GetControllerOf(claim)
	return owner != nil && owner.Kind == cdi.DataVolumeKind.Kind && owner.Name == claim.Name
}

// follow reads how far CDI has come.
func (c *Controller) follow(ctx context.Context, image *image) error {
	volume := &cdi.DataVolume{}
	if err := c.Client.Get(ctx, client.ObjectKeyFromObject(image), volume); err != nil {
		return fmt.Errorf("get golden volume: %w", err)
	}
	state := cdi.StateOf(volume)
	if state.Failed {
		return c.failed(image, reasonOf(image, state), state.Message)
	}
	if image.Spec.SourceType != harvesterv1.ImageSourceUpload { // an upload says itself how far it has come
		image.Status.Progress = state.Progress
	}
	switch {
	case state.Done:
		image.Status.Progress = state.Progress
		c.tell(image, ReasonImported, "all bytes are there")
		return nil
	case image.Spec.SourceType == harvesterv1.ImageSourceUpload:
		return phase.Wait(ReasonUploading, upload.Silence, "the bytes are being sent")
	default:
		if err := c.untilFree(ctx, image, state); err != nil {
			return err
		}
		return phase.Wait(ReasonImporting, 0, "%s", state.Message)
	}
}

// reasonOf is the reason for a volume's failure.
func reasonOf(image *image, state cdi.State) string {
	if state.Final {
		return ReasonChecksumMismatch
	}
	return failureBy(image.Spec.SourceType)
}

// failed counts a failure and says when the next attempt is due.
func (c *Controller) failed(image *image, reason, message string) error {
	image.Status.Failed++
	image.Status.LastFailedTime = c.Now().UTC().Format(time.RFC3339)
	image.Status.Progress = 0
	c.warn(image, reason, "%s", message)
	if attempt, ok := upload.Of(image); ok && image.Spec.SourceType == harvesterv1.ImageSourceUpload {
		image.Status.LastFailedTime = attempt.At // by which it is known that this attempt is counted
		return phase.Wait(ReasonUploadFailed, time.Second, "%s", message)
	}
	if reason == ReasonChecksumMismatch || image.Status.Failed > image.Spec.Retry {
		return phase.Stall(reason, "%s", message)
	}
	return phase.Wait(reason, c.Pause(image.Status.Failed), "%s", message)
}

package claim

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

// make makes the claims that are missing.
func (c *Controller) make(ctx context.Context, s *subject) error {
	return gather(s.templates, func(template Template) error {
		wanted := template.Wanted(s.VirtualMachine)
		missing, err := c.missing(ctx, wanted)
		if err != nil || !missing {
			return err
		}
		if namespace, name := template.Image(s.Namespace); name != "" && !template.Copied() {
			return c.copyImage(ctx, s, wanted, types.NamespacedName{Namespace: namespace, Name: name})
		}
		if err := c.classOf(ctx, wanted, nil); err != nil {
			return err
		}
		return c.blank(ctx, s, wanted)
	})
}

// missing says whether neither the claim nor the volume that will make it exists. A volume that CDI cannot fill is told.
func (c *Controller) missing(ctx context.Context, wanted *corev1.PersistentVolumeClaim) (bool, error) {
	volume := &cdi.DataVolume{}
	err := c.Client.Get(ctx, client.ObjectKeyFromObject(wanted), volume)
	if err == nil {
		if state := cdi.StateOf(volume); state.Failed || state.Blocked {
			return false, blocked("volume %s cannot be filled: %s", wanted.Name, state.Message)
		}
		return false, nil
	}
	if !apierrors.IsNotFound(err) {
		return false, fmt.Errorf("get volume %s: %w", wanted.Name, err)
	}
	present := &corev1.PersistentVolumeClaim{}
	err = c.Client.Get(ctx, client.ObjectKeyFromObject(wanted), present)
	if apierrors.IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("get claim %s: %w", wanted.Name, err)
	}
	if present.DeletionTimestamp != nil {
		return false, blocked("volume %s is being deleted", wanted.Name)
	}
	return false, nil
}

// classOf makes sure that the storage class exists: Kubernetes would let the claim wait for it without a word. A class that
// a client takes for the image's own is the one that the image says.
func (c *Controller) classOf(ctx context.Context, wanted *corev1.PersistentVolumeClaim, from *harvesterv1.VirtualMachineImage) error {
	name := ptr.Deref(wanted.Spec.StorageClassName, "")
	if name == "" {
		return nil
	}
	err := c.Client.Get(ctx, types.NamespacedName{Name: name}, &storagev1.StorageClass{})
	switch {
	case apierrors.IsNotFound(err) && from != nil && from.NamesClass(name) && from.Status.StorageClassName != "":
		wanted.Spec.StorageClassName = &from.Status.StorageClassName
		return nil
	case apierrors.IsNotFound(err):
		return blocked("storage class %q of volume %s does not exist", name, wanted.Name)
	case err != nil:
		return fmt.Errorf("get storage class: %w", err)
	}
	return nil
}

// blank makes an empty volume, or one that its storage fills from another.
func (c *Controller) blank(ctx context.Context, s *subject, wanted *corev1.PersistentVolumeClaim) error {
	if err := c.Client.Create(ctx, wanted); err != nil {
		return refused(err, "make claim "+wanted.Name)
	}
	note := "made volume " + wanted.Name
	if from := wanted.Spec.DataSource; from != nil {
		note += " as a copy of " + from.Name
	}
	c.event(s.VirtualMachine, wanted, corev1.EventTypeNormal, ReasonClaimMade, note)
	return nil
}

// copyImage makes a volume that starts as a copy of an image.
func (c *Controller) copyImage(
	ctx context.Context, s *subject, wanted *corev1.PersistentVolumeClaim, id types.NamespacedName,
) error {
	image := &harvesterv1.VirtualMachineImage{}
	err := c.Client.Get(ctx, id, image)
	if apierrors.IsNotFound(err) {
		return blocked("image %q of volume %s does not exist", id, wanted.Name)
	}
	if err != nil {
		return fmt.Errorf("get image %s: %w", id, err)
	}
	if err := unlessUsable(image, wanted); err != nil {
		return err
	}
	if err := c.classOf(ctx, wanted, image); err != nil {
		return err
	}
	if image.IsBacked() {
		return c.startAs(ctx, s, wanted, image)
	}
	volume := cdi.Clone{Claim: wanted, SourceNamespace: image.Namespace, SourceName: image.Name}.Volume()
	if err := c.Client.Create(ctx, volume); err != nil {
		return refused(err, "make volume "+wanted.Name)
	}
	c.event(s.VirtualMachine, wanted, corev1.EventTypeNormal, ReasonClaimMade,
		fmt.Sprintf("made volume %s from image %s", wanted.Name, id))
	return nil
}

// unlessUsable says why a claim cannot be cut from an image now.
func unlessUsable(image *harvesterv1.VirtualMachineImage, wanted *corev1.PersistentVolumeClaim) error {
	id := image.Namespace + "/" + image.Name
	if image.DeletionTimestamp != nil {
		return blocked("image %q of volume %s is being deleted", id, wanted.Name)
	}
	if !image.Ready() {
		imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
		if imported != nil && imported.Message != "" {
			return blocked("image %q of volume %s is not ready: %s", id, wanted.Name, imported.Message)
		}
		return blocked("image %q of volume %s is not ready yet", id, wanted.Name)
	}
	size := wanted.Spec.Resources.Requests[corev1.ResourceStorage]
	if size.Value() < image.Status.VirtualSize {
		return blocked("volume %s asks for %s, image %q needs %s", wanted.Name, size.String(), id,
			resource.NewQuantity(image.Status.VirtualSize, resource.BinarySI))
	}
	return nil
}

// grow enlarges the claims whose template has become larger.
func (c *Controller) grow(ctx context.Context, s *subject) error {
	return gather(s.templates, func(template Template) error {
		claim := &corev1.PersistentVolumeClaim{}
		err := c.Client.Get(ctx, types.NamespacedName{Namespace: s.Namespace, Name: template.Name}, claim)
		if apierrors.IsNotFound(err) {
			return nil // its volume is being filled
		}
		if err != nil {
			return fmt.Errorf("get claim %s: %w", template.Name, err)
		}
		wanted := template.Spec.Resources.Requests[corev1.ResourceStorage]
		present := claim.Spec.Resources.Requests[corev1.ResourceStorage]
		if !slices.Contains(Machines(claim), refOf(s.VirtualMachine)) {
			return nil // nothing says that it is this machine's
		}
		// Kubernetes lets a claim grow only once it is bound.
		if wanted.Cmp(present) <= 0 || cancelled(claim, wanted) || claim.Status.Phase != corev1.ClaimBound || claim.DeletionTimestamp != nil {
			return nil
		}
		before := claim.DeepCopy()
		claim.Spec.Resources.Requests[corev1.ResourceStorage] = wanted
		patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}) // nobody has given it up since
		if err := c.Client.Patch(ctx, claim, patch); err != nil {
			return refused(err, fmt.Sprintf("enlarge volume %s from %s to %s", claim.Name, present.String(), wanted.String()))
		}
		c.event(s.VirtualMachine, claim, corev1.EventTypeNormal, ReasonClaimGrown,
			fmt.Sprintf("enlarged volume %s from %s to %s", claim.Name, present.String(), wanted.String()))
		return nil
	})
}

// cancelled says whether somebody has given up an enlargement to as much as is wanted, or more.
func cancelled(claim *corev1.PersistentVolumeClaim, wanted resource.Quantity) bool {
	given, err := resource.ParseQuantity(claim.Annotations[harvesterv1.AnnotationExpansionCancelled])
	return err == nil && wanted.Cmp(given) <= 0
}

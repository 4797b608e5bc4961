package claim

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// finalizer keeps a machine until its claims know that it is gone.
const finalizer = "harvesterhci.io/volume-claims"

// protect makes sure that the machine's end will be noticed before anything is made for it.
func (c *Controller) protect(ctx context.Context, s *subject) error {
	before := s.DeepCopy()
	if !controllerutil.AddFinalizer(s.VirtualMachine, finalizer) {
		return nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Patch(ctx, s.VirtualMachine, patch); err != nil {
		return fmt.Errorf("add finalizer: %w", err)
	}
	return nil
}

// read reads the claim templates.
func (c *Controller) read(_ context.Context, s *subject) error {
	templates, err := Templates(s.VirtualMachine)
	if err != nil {
		return phase.Stall(ReasonTemplatesInvalid, "%s", err)
	}
	s.templates = templates
	return nil
}

// own has the claims say which machines use them.
func (c *Controller) own(ctx context.Context, s *subject) error {
	used, ref := Used(s.VirtualMachine), refOf(s.VirtualMachine)
	claims := &corev1.PersistentVolumeClaimList{}
	if err := c.Client.List(ctx, claims, client.InNamespace(s.Namespace)); err != nil {
		return fmt.Errorf("list claims: %w", err)
	}
	for i := range claims.Items {
		claim := &claims.Items[i]
		listed := claim.Annotations[harvesterv1.AnnotationOwnedBy]
		owned := slices.Contains(machinesOf(listed), ref)
		switch wanted := slices.Contains(used, claim.Name); {
		case wanted && !owned:
			listed = addOwner(listed, ref)
		case !wanted && owned && !s.templated(claim.Name):
			listed = dropOwner(listed, ref)
		default:
			continue
		}
		if err := c.list(ctx, claim, listed); err != nil {
			return err
		}
	}
	return nil
}

// templated says whether a claim is one of the machine's templates. It belongs to the machine also while no volume
// names it, as between two halves of an edit.
func (s *subject) templated(name string) bool {
	return slices.ContainsFunc(s.templates, func(t Template) bool { return t.Name == name })
}

// release has the claims that stay forget the machine.
func (c *Controller) release(ctx context.Context, s *subject) error {
	claims := &corev1.PersistentVolumeClaimList{}
	if err := c.Client.List(ctx, claims, client.InNamespace(s.Namespace)); err != nil {
		return fmt.Errorf("list claims: %w", err)
	}
	for i := range claims.Items {
		listed := claims.Items[i].Annotations[harvesterv1.AnnotationOwnedBy]
		if !slices.Contains(machinesOf(listed), refOf(s.VirtualMachine)) {
			continue
		}
		if err := c.list(ctx, &claims.Items[i], dropOwner(listed, refOf(s.VirtualMachine))); err != nil {
			return err
		}
	}
	return nil
}

// list writes who uses a claim.
func (c *Controller) list(ctx context.Context, claim *corev1.PersistentVolumeClaim, owners string) error {
	before := claim.DeepCopy()
	if claim.Annotations == nil {
		claim.Annotations = map[string]string{}
	}
	claim.Annotations[harvesterv1.AnnotationOwnedBy] = owners
	if owners == "" {
		delete(claim.Annotations, harvesterv1.AnnotationOwnedBy)
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Patch(ctx, claim, patch); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("list users of claim %s: %w", claim.Name, err)
	}
	return nil
}

// let lets the machine go.
func (c *Controller) let(ctx context.Context, s *subject) error {
	before := s.DeepCopy()
	if !controllerutil.RemoveFinalizer(s.VirtualMachine, finalizer) {
		return nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := client.IgnoreNotFound(c.Client.Patch(ctx, s.VirtualMachine, patch)); err != nil {
		return fmt.Errorf("remove finalizer: %w", err)
	}
	return nil
}

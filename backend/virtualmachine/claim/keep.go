package claim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// finalizer keeps a machine until its claims know that it is gone.
const finalizer = "harvesterhci.io/volume-claims"

// Protect makes sure that the end of a machine that names claims will be noticed. It says whether that was new.
func Protect(vm *kubevirt.VirtualMachine) bool {
	return len(Named(vm)) > 0 && controllerutil.AddFinalizer(vm, finalizer)
}

// protect makes sure that the machine's end will be noticed before anything is made for it.
func (c *Controller) protect(ctx context.Context, s *subject) error {
	before := s.DeepCopy()
	if !Protect(s.VirtualMachine) {
		return nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Patch(ctx, s.VirtualMachine, patch); err != nil {
		return fmt.Errorf("add finalizer: %w", err)
	}
	return nil
}

// own has the claims say which machines use them.
func (c *Controller) own(ctx context.Context, s *subject) error {
	for _, name := range Used(s.VirtualMachine) {
		claim := &corev1.PersistentVolumeClaim{}
		err := c.Client.Get(ctx, types.NamespacedName{Namespace: s.Namespace, Name: name}, claim)
		if apierrors.IsNotFound(err) {
			continue // its volume is being filled, or it is not ours to make
		}
		if err != nil {
			return fmt.Errorf("get claim %s: %w", name, err)
		}
		rivals, err := c.taker().List(ctx, s.VirtualMachine, claim)
		if err != nil {
			return err
		}
		if len(rivals) > 0 {
			s.held = append(s.held, fmt.Sprintf("volume %s is used by %s", name, strings.Join(rivals, ", ")))
		}
	}
	return nil
}

// alone says which volumes the machine cannot run with, because others do: the later of two that were made at once.
func (c *Controller) alone(_ context.Context, s *subject) error {
	if len(s.held) == 0 || !runs(s.VirtualMachine) {
		return nil
	}
	return phase.Wait(ReasonClaimBlocked, lookAgain, "%s: the machine does not start beside it", strings.Join(s.held, "; "))
}

func (c *Controller) taker() Taker { return Taker{Client: c.Client, Live: c.Live} }

// read reads the claim templates.
func (c *Controller) read(_ context.Context, s *subject) error {
	templates, err := Templates(s.VirtualMachine)
	if err != nil {
		return phase.Stall(ReasonTemplatesInvalid, "%s", err)
	}
	s.templates = templates
	return nil
}

// disown has the claims that the machine has no more to do with forget it, and removes those that were ejected from it.
func (c *Controller) disown(ctx context.Context, s *subject) error {
	used := Used(s.VirtualMachine)
	left := func(name string) bool { return !slices.Contains(used, name) && !s.templated(name) }
	gone, err := c.removeEjected(ctx, s, left)
	if err != nil {
		return err
	}
	return c.forget(ctx, s, func(name string) bool { return left(name) && !slices.Contains(gone, name) })
}

// templated says whether a claim is one of the machine's templates. It belongs to the machine also while no volume
// names it, as between two halves of an edit.
func (s *subject) templated(name string) bool {
	return slices.ContainsFunc(s.templates, func(t Template) bool { return t.Name == name })
}

// release has the claims that stay forget the machine.
func (c *Controller) release(ctx context.Context, s *subject) error {
	return c.forget(ctx, s, func(string) bool { return true })
}

// outlive has the claims forget a machine that is gone: of one that was listed a moment before it went, that may not have
// been known when it was let go. A machine that is only not known yet is asked for.
func (c *Controller) outlive(ctx context.Context, key types.NamespacedName) error {
	vm := &kubevirt.VirtualMachine{}
	vm.Namespace, vm.Name = key.Namespace, key.Name
	claims, err := c.listing(ctx, vm)
	if err != nil || len(claims) == 0 {
		return err
	}
	err = c.Live.Get(ctx, key, &kubevirt.VirtualMachine{})
	if !apierrors.IsNotFound(err) {
		return err
	}
	return c.forget(ctx, &subject{VirtualMachine: vm}, func(string) bool { return true })
}

// listing are the claims that list a machine.
func (c *Controller) listing(ctx context.Context, vm *kubevirt.VirtualMachine) ([]corev1.PersistentVolumeClaim, error) {
	claims := &corev1.PersistentVolumeClaimList{}
	err := c.Client.List(ctx, claims, client.InNamespace(vm.Namespace), client.MatchingFields{indexUsers: refOf(vm)})
	if err != nil {
		return nil, fmt.Errorf("list claims of the machine: %w", err)
	}
	return claims.Items, nil
}

// forget takes the machine off the claims that list it and are to forget it.
func (c *Controller) forget(ctx context.Context, s *subject, which func(name string) bool) error {
	claims, err := c.listing(ctx, s.VirtualMachine)
	if err != nil {
		return err
	}
	ref := refOf(s.VirtualMachine)
	for i := range claims {
		claim := &claims[i]
		if !which(claim.Name) {
			continue
		}
		if err := c.taker().write(ctx, claim, dropOwner(claim.Annotations[harvesterv1.AnnotationOwnedBy], ref), holder(claim)); err != nil {
			return err
		}
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

package claim

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// removeEjected removes the claims that were ejected from the machine and have left it. It says which: what is being
// removed changes once more, and comes here again.
func (c *Controller) removeEjected(ctx context.Context, s *subject, left func(name string) bool) ([]string, error) {
	claims, err := c.listing(ctx, s.VirtualMachine)
	if err != nil {
		return nil, err
	}
	var gone []string
	for i := range claims {
		claim := &claims[i]
		if !ejected(claim) || !left(claim.Name) {
			continue
		}
		still, err := c.stillEjected(ctx, s, claim)
		if err != nil {
			return nil, err
		}
		if !still {
			continue
		}
		removed, err := c.removeOne(ctx, s, client.ObjectKeyFromObject(claim))
		if err != nil {
			return nil, err
		}
		if removed {
			gone = append(gone, claim.Name)
		}
	}
	return gone, nil
}

// ejected says whether a claim is to go when the machine that it was ejected from has it no more.
func ejected(claim *corev1.PersistentVolumeClaim) bool {
	return claim.Annotations[harvesterv1.AnnotationEjected] == "true"
}

// stillEjected looks at the machine and at the claim as they are now: the mark is taken back when the drive could not be
// emptied, and what is remembered of the machine may be from before the disc was put in.
func (c *Controller) stillEjected(ctx context.Context, s *subject, claim *corev1.PersistentVolumeClaim) (bool, error) {
	vm, now := &kubevirt.VirtualMachine{}, &corev1.PersistentVolumeClaim{}
	err := c.Live.Get(ctx, client.ObjectKeyFromObject(claim), now)
	if err == nil {
		err = c.Live.Get(ctx, client.ObjectKeyFromObject(s.VirtualMachine), vm)
	}
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at ejected volume %s as it is now: %w", claim.Name, err)
	}
	return now.UID == claim.UID && ejected(now) && vm.UID == s.UID && !slices.Contains(Used(vm), claim.Name), nil
}

package claim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

// remove removes the claims that are to go with the machine.
func (c *Controller) remove(ctx context.Context, s *subject) error {
	for _, name := range removable(s.VirtualMachine) {
		if err := c.removeOne(ctx, s, types.NamespacedName{Namespace: s.Namespace, Name: name}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Controller) removeOne(ctx context.Context, s *subject, key types.NamespacedName) error {
	claim := &corev1.PersistentVolumeClaim{}
	err := c.Client.Get(ctx, key, claim)
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("get claim %s: %w", key.Name, err)
	}
	others := slices.DeleteFunc(slices.Clone(machinesOf(claim.Annotations[harvesterv1.AnnotationOwnedBy])),
		func(ref string) bool { return ref == refOf(s.VirtualMachine) })
	if len(others) > 0 || claim.Annotations[harvesterv1.AnnotationGoldenImage] == "true" {
		c.event(s.VirtualMachine, claim, corev1.EventTypeWarning, ReasonClaimKept,
			fmt.Sprintf("kept volume %s, which is also used by %s", key.Name, strings.Join(append(others, imagesOf(claim)...), ", ")))
		return nil
	}
	if claim.DeletionTimestamp != nil {
		return nil
	}
	claim.Namespace, claim.Name = key.Namespace, key.Name // also when it was not found, for the event
	// The volume goes first: CDI would fill a claim anew whose volume is still there.
	gone := 0
	for _, object := range []client.Object{
		&cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}},
		&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}},
	} {
		err := c.Client.Delete(ctx, object, client.PropagationPolicy(metav1.DeletePropagationBackground))
		if err == nil {
			gone++
		}
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("remove volume %s: %w", key.Name, err)
		}
	}
	if gone > 0 {
		c.event(s.VirtualMachine, claim, corev1.EventTypeNormal, ReasonClaimRemoved, "removed volume "+key.Name)
	}
	return nil
}

func imagesOf(claim *corev1.PersistentVolumeClaim) []string {
	if claim.Annotations[harvesterv1.AnnotationGoldenImage] != "true" {
		return nil
	}
	return []string{"image " + claim.Annotations[harvesterv1.AnnotationImageID]}
}

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
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// still stops for a machine that is only remembered: it is gone, and its claims may be those of another of its name.
func (c *Controller) still(ctx context.Context, s *subject) error {
	if len(removable(s.VirtualMachine)) == 0 {
		return nil
	}
	now := &kubevirt.VirtualMachine{}
	err := c.Live.Get(ctx, client.ObjectKeyFromObject(s.VirtualMachine), now)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("look at the machine as it is now: %w", err)
	}
	if err != nil || now.UID != s.UID {
		return phase.Wait(reasonGone, 0, "the machine is gone")
	}
	return nil
}

// remove removes the claims that are to go with the machine.
func (c *Controller) remove(ctx context.Context, s *subject) error {
	for _, name := range removable(s.VirtualMachine) {
		if _, err := c.removeOne(ctx, s, types.NamespacedName{Namespace: s.Namespace, Name: name}); err != nil {
			return err
		}
	}
	return nil
}

// removeOne removes a claim with the volume that filled it, when they are this machine's alone. It says whether it has.
func (c *Controller) removeOne(ctx context.Context, s *subject, key types.NamespacedName) (bool, error) {
	present, err := c.present(ctx, key)
	if err != nil || len(present) == 0 {
		return false, err
	}
	claim := present[len(present)-1]
	sentence, err := c.unlessAlone(ctx, s, claim)
	if err != nil {
		return false, err
	}
	if sentence != "" {
		c.event(s.VirtualMachine, claim, corev1.EventTypeWarning, ReasonClaimKept, "kept volume "+key.Name+", "+sentence)
		return false, nil
	}
	gone := 0
	for _, object := range present {
		if object.GetDeletionTimestamp() != nil {
			continue
		}
		this := client.Preconditions{UID: ptr.To(object.GetUID())} // not what somebody else makes under its name meanwhile
		err := c.Client.Delete(ctx, object, client.PropagationPolicy(metav1.DeletePropagationBackground), this)
		if err == nil {
			gone++
		}
		if client.IgnoreNotFound(err) != nil {
			return false, fmt.Errorf("remove volume %s: %w", key.Name, err)
		}
	}
	if gone > 0 {
		c.event(s.VirtualMachine, claim, corev1.EventTypeNormal, ReasonClaimRemoved, "removed volume "+key.Name)
	}
	return gone > 0, nil
}

// present are the volume and the claim of a name, as far as they exist. The volume comes first, and is to be removed
// first: CDI would fill a claim anew whose volume is still there. They are looked at as they are now: one that was made a
// moment ago would stay, and one that is somebody else's by now would go.
func (c *Controller) present(ctx context.Context, key types.NamespacedName) ([]client.Object, error) {
	var present []client.Object
	for _, object := range []client.Object{&cdi.DataVolume{}, &corev1.PersistentVolumeClaim{}} {
		err := c.Live.Get(ctx, key, object)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("get volume %s: %w", key.Name, err)
		}
		present = append(present, object)
	}
	return present, nil
}

// unlessAlone says why a claim does not go with a machine: because it is somebody else's as well, or because nothing says
// that it is this machine's.
func (c *Controller) unlessAlone(ctx context.Context, s *subject, claim client.Object) (string, error) {
	annotations, self := claim.GetAnnotations(), refOf(s.VirtualMachine)
	if annotations[harvesterv1.AnnotationGoldenImage] == "true" {
		return "which is image " + annotations[harvesterv1.AnnotationImageID], nil
	}
	// A machine that came a moment ago may not be listed yet. Those that came before this one was deleted are known: news of
	// machines come in order.
	machines := &kubevirt.VirtualMachineList{}
	err := c.Client.List(ctx, machines, client.InNamespace(s.Namespace), client.MatchingFields{indexClaims: claim.GetName()})
	if err != nil {
		return "", fmt.Errorf("list machines of volume %s: %w", claim.GetName(), err)
	}
	users := refsOf(annotations[harvesterv1.AnnotationOwnedBy])
	listed := slices.Contains(users, self)
	for i := range machines.Items {
		users = append(users, refOf(&machines.Items[i]))
	}
	slices.Sort(users)
	users = slices.DeleteFunc(slices.Compact(users), func(ref string) bool { return ref == self })
	switch {
	case len(users) > 0:
		return "which is also used by " + strings.Join(users, ", "), nil
	case !listed:
		return "which nothing says is this machine's", nil
	default:
		return "", nil
	}
}

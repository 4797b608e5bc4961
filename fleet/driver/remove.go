package driver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// removePatience is how long a machine may take to go: its guest has the grace period, and its disks go after it.
const removePatience = 8 * time.Minute

// Remove removes the machine with the disks that it was made with, and waits until they are gone. What was plugged into
// it is its cluster's and stays, unless the whole cluster goes. Of one that somebody else has removed the disks go that
// nobody has now. A site that is away is an error.
func (d *Driver) Remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removePatience)
	defer cancel()
	return d.remove(ctx)
}

// remove removes the machine until the context ends.
func (d *Driver) remove(ctx context.Context) error {
	if d.Namespace == "" {
		return nil // it is written down before anything is made
	}
	h, err := d.open()
	if err != nil {
		return err
	}
	vm, _, err := h.get(ctx)
	if err != nil {
		return err
	}
	if vm == nil {
		return h.eraseLeft(ctx, d.Disks)
	}
	return h.erase(ctx, vm)
}

// erase removes what an attempt has made.
func (m *maker) erase(vm *kubevirt.VirtualMachine) error {
	ctx, cancel := context.WithTimeout(context.Background(), removePatience)
	defer cancel()
	h := &handle{m.site, m.client, client.ObjectKeyFromObject(vm), vm.UID, m.cluster}
	now, _, err := h.get(ctx)
	if err != nil || now == nil {
		return err
	}
	return h.erase(ctx, now)
}

// erase removes a machine and waits until it and its disks are gone.
func (h *handle) erase(ctx context.Context, vm *kubevirt.VirtualMachine) error {
	own, err := ownClaims(vm)
	if err != nil {
		return err
	}
	whole := vm.Annotations[annotationRemoveAll] == "true"
	if whole {
		own = append(own, pluggedInto(vm)...)
	}
	if err := insist(ctx, func() error { return h.ask(ctx, vm, own) }); isAway(err) {
		return fmt.Errorf("%s: %w", h.stays(), err)
	} else if err != nil {
		return err
	}
	if err := h.awaitEnd(ctx, vm); err != nil {
		return err
	}
	if cluster := vm.Labels[harvesterv1.LabelGuestCluster]; whole && cluster != "" {
		if err := h.eraseVolumes(ctx, cluster); err != nil {
			return err
		}
	}
	for _, name := range own {
		if err := h.awaitClaim(ctx, vm, name); err != nil {
			return err
		}
	}
	return nil
}

// ask asks the site to remove the machine and these claims. It may be asked again: an answer that was lost is no harm.
func (h *handle) ask(ctx context.Context, vm *kubevirt.VirtualMachine, claims []string) error {
	if err := h.choose(ctx, vm, claims); err != nil {
		return err
	}
	err := h.client.Delete(ctx, vm, client.PropagationPolicy(metav1.DeletePropagationForeground), client.Preconditions{UID: &vm.UID})
	if isGone(err, vm.Name) {
		return nil
	}
	return h.site.explain(err)
}

// stays says that the machine is still there when the time is over.
func (h *handle) stays() string {
	return fmt.Sprintf("machine %s is not gone after %.0f s", h.key, removePatience.Seconds())
}

// pluggedInto are the claims that were plugged into a machine.
func pluggedInto(vm *kubevirt.VirtualMachine) []string {
	var names []string
	for _, volume := range vm.Spec.Template.Spec.Volumes {
		if claim := volume.PersistentVolumeClaim; claim != nil && claim.Hotpluggable {
			names = append(names, claim.ClaimName)
		}
	}
	return names
}

// choose writes which claims go with the machine. The site removes those that are no other machine's as well.
func (h *handle) choose(ctx context.Context, vm *kubevirt.VirtualMachine, claims []string) error {
	slices.Sort(claims)
	chosen := strings.Join(slices.Compact(claims), ",")
	if vm.DeletionTimestamp != nil || vm.Annotations[harvesterv1.AnnotationRemovedClaims] == chosen {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": vm.UID, "annotations": map[string]string{harvesterv1.AnnotationRemovedClaims: chosen},
	}})
	if err != nil {
		return fmt.Errorf("write which disks go with the machine: %w", err)
	}
	err = h.client.Patch(ctx, vm.DeepCopy(), client.RawPatch(types.MergePatchType, patch))
	if isGone(err, vm.Name) {
		return nil
	}
	return h.site.explain(err)
}

// awaitEnd waits until the machine is gone.
func (h *handle) awaitEnd(ctx context.Context, vm *kubevirt.VirtualMachine) error {
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	last, tell := &seen{vm: vm}, followBoth(watching, h.client, h.key)
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %s", h.stays(), last.sentence(""))
		case what := <-tell:
			if errors.Is(last.note(what, vm.UID), errGone) {
				return nil
			}
			if isFinal(what.err) {
				return h.site.explain(what.err)
			}
		}
	}
}

// awaitClaim waits until a disk is gone, unless another machine has it as well: then it stays.
func (h *handle) awaitClaim(ctx context.Context, vm *kubevirt.VirtualMachine, name string) error {
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	tell, last := make(chan news), "it was not looked at"
	go follow[corev1.PersistentVolumeClaimList](watching, h.client, types.NamespacedName{Namespace: vm.Namespace, Name: name}, tell)
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("machine %s is gone, and its disk %s is still there: %s", h.key, name, last)
		case what := <-tell:
			claim, is := what.object.(*corev1.PersistentVolumeClaim)
			switch {
			case isFinal(what.err):
				return h.site.explain(what.err)
			case what.err != nil:
				last = h.site.explain(what.err).Error()
			case what.gone || is && isShared(claim, vm):
				return nil
			case is:
				last = "it is " + string(claim.Status.Phase)
			}
		}
	}
}

// isShared says whether a claim is another machine's as well.
func isShared(claim *corev1.PersistentVolumeClaim, vm *kubevirt.VirtualMachine) bool {
	var owners []struct {
		Refs []string `json:"refs"`
	}
	if json.Unmarshal([]byte(claim.Annotations[harvesterv1.AnnotationOwnedBy]), &owners) != nil {
		return false
	}
	for _, owner := range owners {
		for _, ref := range owner.Refs {
			if ref != vm.Namespace+"/"+vm.Name {
				return true
			}
		}
	}
	return false
}

// eraseVolumes removes the volumes of a guest cluster that are plugged into nothing. The site's rules hold for each.
func (h *handle) eraseVolumes(ctx context.Context, cluster string) error {
	claims := &corev1.PersistentVolumeClaimList{}
	err := h.client.List(ctx, claims, client.InNamespace(h.key.Namespace), client.MatchingLabels{harvesterv1.LabelGuestCluster: cluster})
	if err != nil {
		return h.site.explain(err)
	}
	for i := range claims.Items {
		claim := &claims.Items[i]
		if claim.Annotations[harvesterv1.AnnotationOwnedBy] != "" {
			continue // it goes with the machine that has it
		}
		if err := h.client.Delete(ctx, claim, client.Preconditions{UID: &claim.UID}); client.IgnoreNotFound(err) != nil {
			return h.site.explain(err)
		}
	}
	return nil
}

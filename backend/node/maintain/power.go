package maintain

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// shutDown asks a guest to shut down. It stays off, but remembers how it ran, and who is to start it again.
func (c *Controller) shutDown(ctx context.Context, node *corev1.Node, guest Guest) error {
	if guest.VM == nil {
		this := client.Preconditions{UID: &guest.VMI.UID} // not the next run of that name
		if err := client.IgnoreNotFound(c.Client.Delete(ctx, guest.VMI, this)); err != nil {
			return fmt.Errorf("shut down instance %s/%s: %w", guest.VMI.Namespace, guest.VMI.Name, err)
		}
		c.tellShutDown(node, guest.VMI)
		return nil
	}
	if kubevirt.StrategyOf(guest.VM) == kubevirt.RunStrategyHalted {
		return nil // it is stopping
	}
	before := guest.VM.DeepCopy()
	halt(guest.VM, node.Name)
	err := c.Client.Patch(ctx, guest.VM, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("shut down machine %s/%s: %w", guest.VM.Namespace, guest.VM.Name, err)
	}
	c.tellShutDown(node, guest.VMI)
	return nil
}

func (c *Controller) tellShutDown(node *corev1.Node, vmi *kubevirt.VirtualMachineInstance) {
	c.Events.Eventf(node, vmi, corev1.EventTypeNormal, "MachineShutDown", "Maintain", "Machine %s/%s is shut down.", vmi.Namespace, vmi.Name)
}

// halt switches a machine off, and has it remember its run strategy and, when it is to be started again, for which node.
func halt(vm *kubevirt.VirtualMachine, node string) {
	if vm.Annotations == nil {
		vm.Annotations = map[string]string{}
	}
	vm.Annotations[harvesterv1.AnnotationRunStrategy] = string(kubevirt.StrategyOf(vm))
	vm.Spec.Running, vm.Spec.RunStrategy = nil, ptr.To(kubevirt.RunStrategyHalted)
	switch vm.Labels[harvesterv1.LabelMaintenanceStrategy] {
	case harvesterv1.MaintenanceRestartElsewhere, harvesterv1.MaintenanceRestartAfter:
		vm.Labels[harvesterv1.LabelMaintenanceNode] = node
	}
}

// wake switches a machine on that halt has switched off, as it ran before. A machine that somebody else has switched on
// since runs as he wants it to. It says whether KubeVirt must be asked to start it.
func wake(vm *kubevirt.VirtualMachine) (ask bool) {
	delete(vm.Labels, harvesterv1.LabelMaintenanceNode)
	if kubevirt.StrategyOf(vm) != kubevirt.RunStrategyHalted {
		return false
	}
	strategy := kubevirt.RunStrategy(vm.Annotations[harvesterv1.AnnotationRunStrategy])
	known := []kubevirt.RunStrategy{
		kubevirt.RunStrategyAlways, kubevirt.RunStrategyRerunOnFailure, kubevirt.RunStrategyManual, kubevirt.RunStrategyOnce,
	}
	if !slices.Contains(known, strategy) {
		strategy = kubevirt.RunStrategyRerunOnFailure
	}
	vm.Spec.Running, vm.Spec.RunStrategy = nil, &strategy
	return strategy == kubevirt.RunStrategyManual
}

// startElsewhere starts the machines that have left and are to run on another node.
func (c *Controller) startElsewhere(ctx context.Context, s *subject) error {
	machines, err := c.waiting(ctx, s)
	if err != nil {
		return err
	}
	return c.startThose(ctx, machines, restarts)
}

// startAgain starts all machines that wait for the end of the maintenance: when it has ended, and is not merely not known
// yet to have begun.
func (c *Controller) startAgain(ctx context.Context, s *subject) error {
	machines, err := c.waiting(ctx, s)
	if err != nil || len(machines) == 0 {
		return err
	}
	now := &corev1.Node{}
	err = c.Live.Get(ctx, client.ObjectKey{Name: s.Name}, now)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("look at node %s as it is now: %w", s.Name, err)
	}
	if now.Annotations[harvesterv1.AnnotationMaintainStatus] != "" {
		return phase.Wait("Maintenance", 0, "node %s is in maintenance", s.Name)
	}
	return c.startThose(ctx, machines, func(*kubevirt.VirtualMachine) bool { return true })
}

// waiting are the machines that a node's maintenance has shut down.
func (c *Controller) waiting(ctx context.Context, s *subject) ([]kubevirt.VirtualMachine, error) {
	machines := &kubevirt.VirtualMachineList{}
	if err := c.Client.List(ctx, machines, client.MatchingFields{indexNode: s.Name}); err != nil {
		return nil, fmt.Errorf("find the machines that node %s has shut down: %w", s.Name, err)
	}
	return machines.Items, nil
}

func (c *Controller) startThose(ctx context.Context, machines []kubevirt.VirtualMachine, which func(*kubevirt.VirtualMachine) bool) error {
	for i := range machines {
		if vm := &machines[i]; which(vm) {
			if err := c.start(ctx, vm); err != nil {
				return fmt.Errorf("start machine %s/%s: %w", vm.Namespace, vm.Name, err)
			}
		}
	}
	return nil
}

// start switches a machine on once its last run has ended, and KubeVirt knows it: the events of that bring the controller
// back.
func (c *Controller) start(ctx context.Context, vm *kubevirt.VirtualMachine) error {
	if kubevirt.StrategyOf(vm) == kubevirt.RunStrategyHalted && !kubevirt.Ended(vm) {
		return nil
	}
	key := client.ObjectKeyFromObject(vm)
	vmi := &kubevirt.VirtualMachineInstance{}
	if err := c.Live.Get(ctx, key, vmi); err == nil && !vmi.IsFinal() {
		return nil
	} else if client.IgnoreNotFound(err) != nil {
		return err
	}
	before := vm.DeepCopy()
	ask := wake(vm)
	err := c.Client.Patch(ctx, vm, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil || !ask {
		return err
	}
	return kubevirt.Start(ctx, c.Config, key, nil)
}

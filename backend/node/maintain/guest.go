package maintain

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// look is how soon a node is looked at again while machines leave it.
const look = 10 * time.Second

// survey finds the machines that are on the node.
func (c *Controller) survey(ctx context.Context, s *subject) error {
	instances := &kubevirt.VirtualMachineInstanceList{}
	if err := c.Live.List(ctx, instances, client.MatchingLabels{kubevirt.NodeNameLabel: s.Name}); err != nil {
		return fmt.Errorf("find the machines of node %s: %w", s.Name, err)
	}
	for i := range instances.Items {
		vmi := &instances.Items[i]
		if vmi.IsFinal() {
			continue
		}
		guest := Guest{VMI: vmi}
		var err error
		if guest.VM, err = c.declared(ctx, vmi); err != nil {
			return err
		}
		if guest.Tried, err = c.tried(ctx, vmi, s.since); err != nil {
			return err
		}
		s.guests = append(s.guests, guest)
	}
	return nil
}

// declared is the machine that an instance is a run of, nil when there is none. One that the cache does not know yet is
// asked for: an instance without a machine is deleted where a machine is shut down, and remembers how it ran.
func (c *Controller) declared(ctx context.Context, vmi *kubevirt.VirtualMachineInstance) (*kubevirt.VirtualMachine, error) {
	owner := metav1.GetControllerOf(vmi)
	if owner == nil || owner.Kind != kubevirt.VirtualMachineKind.Kind {
		return nil, nil
	}
	vm, key := &kubevirt.VirtualMachine{}, client.ObjectKey{Namespace: vmi.Namespace, Name: owner.Name}
	err := c.Client.Get(ctx, key, vm)
	if apierrors.IsNotFound(err) {
		err = c.Live.Get(ctx, key, vm)
	}
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find machine %s/%s: %w", vmi.Namespace, owner.Name, err)
	}
	return vm, nil
}

// tried are the migrations of an instance that have been made since the maintenance began, the youngest first.
func (c *Controller) tried(ctx context.Context, vmi *kubevirt.VirtualMachineInstance, since time.Time) ([]kubevirt.Migration, error) {
	migrations := &kubevirt.MigrationList{}
	err := c.Live.List(ctx, migrations, client.InNamespace(vmi.Namespace), client.MatchingLabels{kubevirt.MigrationOfLabel: vmi.Name})
	if err != nil {
		return nil, fmt.Errorf("find the migrations of machine %s/%s: %w", vmi.Namespace, vmi.Name, err)
	}
	found := slices.DeleteFunc(migrations.Items, func(m kubevirt.Migration) bool { return m.CreationTimestamp.Time.Before(since) })
	slices.SortFunc(found, func(a, b kubevirt.Migration) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
	return found, nil
}

// empty has the machines leave.
func (c *Controller) empty(ctx context.Context, s *subject) error {
	for _, guest := range s.guests {
		var err error
		switch deed, _ := Plan(guest, s.forced, c.Now()); deed {
		case Move:
			err = c.move(ctx, s.Node, guest.VMI)
		case ShutDown:
			err = c.shutDown(ctx, s.Node, guest)
		case Await, Stuck:
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// move makes a migration. KubeVirt queues those that are too many at once.
func (c *Controller) move(ctx context.Context, node *corev1.Node, vmi *kubevirt.VirtualMachineInstance) error {
	migration := &kubevirt.Migration{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: vmi.Namespace, GenerateName: "maintenance-", Labels: map[string]string{kubevirt.MigrationOfLabel: vmi.Name},
		},
		Spec: kubevirt.MigrationSpec{VMIName: vmi.Name},
	}
	err := c.Client.Create(ctx, migration)
	if refused(err) {
		return nil // somebody else moves it already, or it has just stopped
	}
	if err != nil {
		return fmt.Errorf("migrate machine %s/%s: %w", vmi.Namespace, vmi.Name, err)
	}
	c.Events.Eventf(node, vmi, corev1.EventTypeNormal, "MachineMigrates", "Maintain", "Machine %s/%s is moved away.", vmi.Namespace, vmi.Name)
	return nil
}

// refused says whether KubeVirt does not want a migration now.
func refused(err error) bool {
	return apierrors.IsConflict(err) || apierrors.IsInvalid(err) || apierrors.IsBadRequest(err)
}
